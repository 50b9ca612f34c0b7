#include "grading/src/formats/page.h"

#include "absl/strings/str_cat.h"
#include "grading/src/formats/text.h"

namespace tensord::grading::formats {

std::string Page(absl::string_view title, absl::string_view body) {
  return absl::StrCat("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n",
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '",
                      kPageStyleHash, "'; base-uri 'none'; form-action 'none'\"/>\n",
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n",
                      "<meta name=\"referrer\" content=\"no-referrer\"/>\n<title>", HtmlText(title),
                      "</title>\n<style>", kPageStyle, "</style>\n</head>\n<body>\n", body, "</body>\n</html>\n");
}

}  // namespace tensord::grading::formats
