// The static parts of a model's page: page/, embedded by cmake/EmbedPage.cmake.
#ifndef TENSORD_CLI_MODEL_PAGE_PARTS_H_
#define TENSORD_CLI_MODEL_PAGE_PARTS_H_

namespace tensord::cli {

extern const char kPageStyle[];
extern const char kPageScript[];
// As a Content-Security-Policy names them: `sha256-...`.
extern const char kPageStyleHash[];
extern const char kPageScriptHash[];

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_PAGE_PARTS_H_
