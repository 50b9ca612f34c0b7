// Which bytes are read, written, alive and kept, layer by layer.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_MEMORY_H_
#define TENSORD_ANALYSIS_SRC_MODEL_MEMORY_H_

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "analysis/src/model/backward.h"
#include "tensord/analysis/cost.h"
#include "tensord/analysis/expression.h"
#include "tensord/analysis/model.h"

namespace tensord::analysis::model {

// Bytes of `elements` elements; nothing where the type has no fixed size.
[[nodiscard]] std::optional<Expression> BytesOf(ElementType type, const Expression& elements);
// Nothing where the shape is not known.
[[nodiscard]] std::optional<Expression> ElementsOf(const ModelTensor& tensor);

// A walk over the layers in their order.
class MemoryWalk {
 public:
  // `model` has to outlive the walk.
  explicit MemoryWalk(const ModelAnalysis& model);

  // The next layer's bytes. To be called once for each layer, with what its gradients need, if that is known.
  [[nodiscard]] LayerMemory Next(const std::optional<Kept>& kept);
  // What the layers come to, once all of them were walked.
  [[nodiscard]] ModelMemory Finish();

 private:
  // Tensors that share bytes.
  struct Storage {
    ElementType type = ElementType::kUnknown;
    std::optional<Expression> bytes;
    std::optional<size_t> last_user = std::nullopt;  // a layer; one behind the last for what the network gives
    bool is_kept = false;                            // for gradients
  };

  size_t AddStorage(const ModelTensor& tensor);
  // The storages of the layer's data inputs, each once.
  [[nodiscard]] std::vector<size_t> StoragesRead(const ModelLayer& layer) const;
  void Begin(size_t storage);
  void End(size_t storage);
  void AddWeights(const ModelLayer& layer, LayerMemory& memory);
  void AddMoved(const ModelLayer& layer, LayerMemory& memory);
  [[nodiscard]] std::optional<Expression> Training(const ModelLayer& layer, const Kept& kept);

  const ModelAnalysis& model_;
  std::vector<Storage> storages_;
  absl::flat_hash_map<absl::string_view, size_t> by_name_;
  size_t next_ = 0;
  std::vector<std::vector<size_t>> released_;  // by layer, the storages whose last user it is
  Expression alive_;
  size_t alive_unknown_ = 0;  // storages that are alive, and whose bytes are not known
  bool is_lost_ = false;      // that alive_ became too long an expression
  std::vector<std::optional<Expression>> live_;
  ModelMemory result_;
};

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_MEMORY_H_
