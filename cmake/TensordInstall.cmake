# Installs the libraries, headers, programs and a CMake package that an outside project can find_package(tensord).
