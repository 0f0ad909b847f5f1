// The driver of tests/conformance.
//
//   identity_conformance [--callbacks]
//
// --callbacks  guards a service with callbacks instead of a synchronous one

#include <exception>
#include <iostream>
#include <string>

#include "conformance/driver.h"

int main(int argc, char** argv) {
  identity::Driver driver(argc > 1 && std::string(argv[1]) == "--callbacks");
  std::string line;
  while (std::getline(std::cin, line)) {
    identity::Driver::Json answer;
    try {
      answer = driver.Do(identity::Driver::Json::parse(line));
    } catch (const std::exception& fault) {
      answer = {{"fault", fault.what()}};
    }
    std::cout << answer.dump() << std::endl;
  }
}
