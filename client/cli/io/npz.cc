#include "client/cli/io/npz.h"

#include <zip.h>

#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/elements.h"
#include "client/cli/io/npy.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using ArchivedFile = std::unique_ptr<zip_file_t, Discard>;

// Room for a .npy header beside the largest payload.
constexpr uint64_t kMaxMemberBytes = static_cast<uint64_t>(kMaxTensorBytes) + 65'536;

absl::StatusOr<Archive> OpenArchive(absl::string_view file) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(file.data(), file.size(), 0, &error);
  zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (archive == nullptr) {
    const std::string what = Escape(zip_error_strerror(&error));
    if (source != nullptr) zip_source_free(source);
    zip_error_fini(&error);
    return absl::InvalidArgumentError(absl::StrCat("it is no whole .npz file: ", what));
  }
  zip_error_fini(&error);
  return Archive(archive);
}

// The arrays' names, without the ending that numpy adds.
std::vector<std::string> ArrayNames(zip_t* archive) {
  std::vector<std::string> names;
  const zip_int64_t count = zip_get_num_entries(archive, 0);
  for (zip_int64_t i = 0; i < count && names.size() < 32; ++i) {
    const char* name = zip_get_name(archive, static_cast<zip_uint64_t>(i), 0);
    if (name == nullptr) continue;
    const std::string entry(name);
    names.push_back(absl::EndsWith(entry, ".npy") ? entry.substr(0, entry.size() - 4) : entry);
  }
  return names;
}

absl::StatusOr<std::string> Inflate(zip_t* archive, zip_uint64_t index) {
  zip_stat_t stat;
  if (zip_stat_index(archive, index, 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0) {
    return absl::InvalidArgumentError("its directory is damaged");
  }
  if (stat.size > kMaxMemberBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the array takes ", stat.size, " bytes inflated, more than ", kMaxTensorBytes));
  }
  const ArchivedFile file(zip_fopen_index(archive, index, 0));
  if (file == nullptr) return absl::InvalidArgumentError(Escape(zip_strerror(archive)));
  std::string bytes;
  std::vector<char> block(size_t{1} << 16);
  zip_int64_t got = 0;
  while ((got = zip_fread(file.get(), block.data(), block.size())) > 0) {
    bytes.append(block.data(), static_cast<size_t>(got));
    if (bytes.size() > stat.size) break;
  }
  if (got < 0) {
    return absl::InvalidArgumentError(absl::StrCat("it is damaged: ", Escape(zip_file_strerror(file.get()))));
  }
  if (bytes.size() != stat.size) {
    return absl::InvalidArgumentError("it is damaged: the array is not as large as the directory says");
  }
  return bytes;
}

}  // namespace

absl::StatusOr<v1::Tensor> ReadNpz(absl::string_view file, const std::string& name) {
  TENSORCTL_ASSIGN_OR_RETURN(const Archive archive, OpenArchive(file));
  zip_int64_t index = zip_name_locate(archive.get(), absl::StrCat(name, ".npy").c_str(), 0);
  if (index < 0) index = zip_name_locate(archive.get(), name.c_str(), 0);
  if (index < 0) {
    const std::vector<std::string> names = ArrayNames(archive.get());
    return absl::InvalidArgumentError(absl::StrCat("it has no array '", Escape(name), "'", DidYouMean(name, names),
                                                   "\nit has: ", Escape(absl::StrJoin(names, ", "))));
  }
  TENSORCTL_ASSIGN_OR_RETURN(const std::string bytes, Inflate(archive.get(), static_cast<zip_uint64_t>(index)));
  return ReadNpy(bytes);
}

}  // namespace tensord::cli
