# Makes a C++ source of a page's style and scripts, with the hashes that its Content-Security-Policy names.
#
#   cmake -DOUTPUT=page_parts.cc -DSTYLE=page.css [-DSCRIPTS=a.js|b.js] -DHEADER=page_parts.h -DNAMESPACE=a::b
#         -P EmbedPage.cmake
#
# HEADER declares kPageStyle and kPageStyleHash in NAMESPACE, and with scripts kPageScript and kPageScriptHash. The
# scripts become one, in their order. A hash is of the text as it stands between the tags.
cmake_minimum_required(VERSION 3.25)

# SHA-256 in base 64, out of the hexadecimal digits that CMake gives: three of them make two characters.
function(base64_hash text result)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  string(SHA256 digits "${text}")
  string(APPEND digits "00")
  set(encoded "")
  foreach(place RANGE 0 63 3)
    string(SUBSTRING "${digits}" ${place} 3 part)
    math(EXPR high "0x${part} >> 6")
    math(EXPR low "0x${part} & 63")
    string(SUBSTRING "${alphabet}" ${high} 1 first)
    string(SUBSTRING "${alphabet}" ${low} 1 second)
    string(APPEND encoded "${first}${second}")
  endforeach()
  # 256 bits are 43 characters.
  string(SUBSTRING "${encoded}" 0 43 encoded)
  set(${result} "sha256-${encoded}=" PARENT_SCOPE)
endfunction()

file(READ "${STYLE}" style)
set(script "")
string(REPLACE "|" ";" SCRIPTS "${SCRIPTS}")
foreach(file IN LISTS SCRIPTS)
  file(READ "${file}" text)
  string(APPEND script "${text}")
endforeach()
foreach(part style script)
  string(TOLOWER "${${part}}" lower)
  if(lower MATCHES "</s(tyle|cript)|<!--|\\)page\"")
    message(FATAL_ERROR "the page's ${part} has ${CMAKE_MATCH_0} in it, which would end it")
  endif()
  base64_hash("${${part}}" ${part}_hash)
endforeach()

set(constants "const char kPageStyle[] = R\"page(${style})page\";
const char kPageStyleHash[] = \"${style_hash}\";
")
if(SCRIPTS)
  string(APPEND constants "const char kPageScript[] = R\"page(${script})page\";
const char kPageScriptHash[] = \"${script_hash}\";
")
endif()
file(WRITE "${OUTPUT}" "// Made by cmake/EmbedPage.cmake.
#include \"${HEADER}\"

namespace ${NAMESPACE} {

${constants}
}  // namespace ${NAMESPACE}
")
