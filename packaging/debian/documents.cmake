# Makes the documents of the package in the directory `documents`: the man page from the help of `program`, and both
# changelogs. Their dates are that of SOURCE_DATE_EPOCH, or today.
file(REMOVE_RECURSE ${documents})
file(MAKE_DIRECTORY ${documents})
set(ENV{LC_ALL} C.UTF-8)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${CMAKE_CURRENT_LIST_DIR}/changelog.in ${documents}/changelog.Debian @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/../../CHANGELOG.md ${documents}/changelog COPYONLY)
execute_process(COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/../man.py ${program}
                OUTPUT_FILE ${documents}/identityd.8 COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND gzip --best --no-name changelog changelog.Debian identityd.8
                WORKING_DIRECTORY ${documents} COMMAND_ERROR_IS_FATAL ANY)
