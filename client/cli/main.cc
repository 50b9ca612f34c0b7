// tensorctl: tensord's command line.
#include <cstdlib>
#include <iostream>

#include "client/cli/app.h"

int main(int argc, char** argv) { return tensord::cli::RunMain(argc, argv, {std::cin, std::cout, std::cerr}); }
