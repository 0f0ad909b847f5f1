#include "tests/rpc/people.h"
