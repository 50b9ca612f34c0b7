// Prints reports.
#ifndef TENSORD_CLI_PRINTER_H_
#define TENSORD_CLI_PRINTER_H_

#include <memory>
#include <ostream>

#include "absl/status/status.h"
#include "client/cli/report.h"

namespace tensord::cli {

class Printer {
 public:
  virtual ~Printer() = default;

  // Errors: a tensor whose payload is not as long as its shape says. Nothing is printed then.
  [[nodiscard]] virtual absl::Status Print(const Report& report) = 0;
};

// For people: aligned matrices, extremes and their places, formulas. `notes` adds hints such as how to see what was
// left out. `out` must outlive the printer.
[[nodiscard]] std::unique_ptr<Printer> MakeTextPrinter(std::ostream& out, bool color, bool notes);

// For programs: one object on one line, with schema_version 1.
[[nodiscard]] std::unique_ptr<Printer> MakeJsonPrinter(std::ostream& out);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_PRINTER_H_
