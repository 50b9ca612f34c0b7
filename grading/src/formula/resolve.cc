#include "grading/src/formula/resolve.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tensord::grading::formula {
namespace {

using Code = FormulaProblemCode;

bool SameSize(const IndexExpression& a, const IndexExpression& b) {
  return std::is_permutation(a.terms.begin(), a.terms.end(), b.terms.begin(), b.terms.end());
}

bool IsRational(const Node& node) { return node.kind != NodeKind::kFunction && node.kind != NodeKind::kCompare; }

class Resolver {
 public:
  Resolver(const Tree& tree, const Model& model, const std::vector<std::string>& free_names,
           const std::vector<IndexExpression>& free_sizes)
      : model_(model), free_names_(free_names), free_sizes_(free_sizes) {
    result_.program.tree = tree;
    for (const std::string& symbol : model.symbol_tree.names) symbols_[symbol] = NewSlot(symbol, false);
    result_.program.symbol_count = result_.program.slots.size();
    for (const std::string& name : free_names) bound_[name] = {NewSlot(name, false), true};
    result_.program.free_count = free_names.size();
    used_.assign(result_.program.slots.size(), true);
  }

  Resolved Run() {
    Visit(result_.program.tree.root);
    std::stable_sort(result_.problems.begin(), result_.problems.end(),
                     [](const FormulaProblem& a, const FormulaProblem& b) { return a.offset < b.offset; });
    return std::move(result_);
  }

 private:
  struct Binding {
    size_t slot = 0;
    bool free = false;
  };

  Node& At(size_t id) { return result_.program.tree.nodes[id]; }
  const std::string& NameOf(size_t name) const { return result_.program.tree.names[name]; }

  size_t NewSlot(const std::string& name, bool sized) {
    Slot slot{name, std::nullopt};
    const auto size = model_.index_sizes.find(name);
    if (sized && size != model_.index_sizes.end()) slot.size = size->second;
    result_.program.slots.push_back(std::move(slot));
    used_.push_back(false);
    return result_.program.slots.size() - 1;
  }

  void Report(Code code, std::string text, size_t offset, size_t length, const std::string& name, bool stops) {
    result_.problems.push_back({code, std::move(text), offset, length, name});
    if (stops) result_.evaluable = false;
  }

  // The slot of a name in an index; unknown ones get a slot too, and a problem.
  size_t SlotOf(const std::string& name, const IndexExpression& place) {
    const auto bound = bound_.find(name);
    if (bound != bound_.end()) {
      used_[bound->second.slot] = true;
      return bound->second.slot;
    }
    const auto symbol = symbols_.find(name);
    if (symbol != symbols_.end()) return symbol->second;
    const auto stray = strays_.find(name);
    if (stray != strays_.end()) return stray->second;
    if (model_.index_sizes.count(name) > 0) {
      result_.unsummed.push_back(name);
      Report(Code::kUnsummedIndex,
             absl::StrCat(name, " is neither an index of ", model_.target_text, " nor summed over"), place.offset,
             place.length, name, true);
    } else {
      result_.unknown.push_back(name);
      Report(Code::kUnknownIndex, absl::StrCat(name, " is not an index of the problem"), place.offset, place.length,
             name, true);
    }
    return strays_[name] = NewSlot(name, true);
  }

  void ResolveIndex(IndexExpression* index) {
    for (IndexTerm& term : index->terms) {
      for (size_t& name : term.names) name = SlotOf(NameOf(name), *index);
      std::sort(term.names.begin(), term.names.end());
    }
  }

  void Visit(size_t id) {
    if (!IsRational(At(id))) result_.rational = false;
    switch (At(id).kind) {
      case NodeKind::kIndex:
        ResolveIndex(&At(id).indices[0]);
        break;
      case NodeKind::kRead:
        VisitRead(&At(id));
        break;
      case NodeKind::kSum:
        VisitSum(id);
        break;
      default:
        for (const size_t child : At(id).children) Visit(child);
    }
  }

  void VisitRead(Node* node) {
    if (node->tensor == kUnknownTensor) {
      result_.evaluable = false;  // The parser has reported it.
    } else {
      CheckUse(*node);
      if (node->implicit && !model_.tensors[node->tensor].sizes.empty()) return ReadImplicitly(node);
      const size_t rank = model_.tensors[node->tensor].sizes.size();
      if (node->indices.size() != rank) {
        Report(Code::kIndexCount,
               absl::StrCat(model_.tensors[node->tensor].name, " has ", rank, rank == 1 ? " index" : " indices",
                            ", here are ", node->indices.size()),
               node->offset, node->length, model_.tensors[node->tensor].name, true);
      }
    }
    if (node->transposed) std::reverse(node->indices.begin(), node->indices.end());
    node->transposed = false;
    for (IndexExpression& index : node->indices) ResolveIndex(&index);
  }

  void CheckUse(const Node& node) {
    const ModelTensor& tensor = model_.tensors[node.tensor];
    if (tensor.use == Use::kFree) return;
    const std::string text =
        tensor.use == Use::kCircular
            ? absl::StrCat(tensor.name, " is what is asked for, or depends on it: it cannot stand here")
            : absl::StrCat(tensor.name, " is not given");
    Report(tensor.use == Use::kCircular ? Code::kCircular : Code::kNotGiven, text, node.offset, node.length,
           tensor.name, true);
  }

  // A tensor without indices has its own where all of these are at hand, else those of what is asked for.
  void ReadImplicitly(Node* node) {
    const ModelTensor& tensor = model_.tensors[node->tensor];
    const bool own =
        !tensor.indices.empty() && std::all_of(tensor.indices.begin(), tensor.indices.end(),
                                               [&](const std::string& name) { return bound_.count(name) > 0; });
    const bool same =
        std::equal(tensor.sizes.begin(), tensor.sizes.end(), free_sizes_.begin(), free_sizes_.end(), SameSize);
    const std::vector<std::string>& names = !own && same ? free_names_ : tensor.indices;
    if (names.size() != tensor.sizes.size() || node->transposed) {
      Report(Code::kIndexCount, absl::StrCat("the indices of ", tensor.name, " are missing"), node->offset,
             node->length, tensor.name, true);
      return;
    }
    node->implicit = false;
    for (const std::string& name : names) {
      const IndexExpression place{{}, node->offset, node->length};
      node->indices.push_back({{IndexTerm{1, {SlotOf(name, place)}}}, node->offset, node->length});
    }
    Note(absl::StrCat(tensor.name, " without indices is read as ", tensor.name, "[", absl::StrJoin(names, ","), "]"));
  }

  void Note(std::string note) {
    if (std::find(result_.notes.begin(), result_.notes.end(), note) == result_.notes.end()) {
      result_.notes.push_back(std::move(note));
    }
  }

  // The names below a node that nothing binds, by place.
  void CollectFree(size_t id, std::set<std::string> hidden, std::vector<std::string>* names) {
    const Node& node = At(id);
    for (const SumIndex& index : node.sums) hidden.insert(NameOf(index.name));
    for (const IndexExpression& index : node.indices) {
      for (const IndexTerm& term : index.terms) {
        for (const size_t name : term.names) {
          const std::string& text = NameOf(name);
          const bool known = bound_.count(text) > 0 || symbols_.count(text) > 0 || hidden.count(text) > 0;
          if (!known && std::find(names->begin(), names->end(), text) == names->end()) names->push_back(text);
        }
      }
    }
    for (const size_t child : node.children) CollectFree(child, hidden, names);
  }

  void ListAll(Node* node, size_t body) {
    std::vector<std::string> names;
    CollectFree(body, {}, &names);
    for (const std::string& name : names) {
      std::vector<std::string>& known = result_.program.tree.names;
      const auto found = std::find(known.begin(), known.end(), name);
      node->sums.push_back({static_cast<size_t>(found - known.begin()), std::nullopt, std::nullopt, node->offset, 0});
    }
    node->sums_all = false;
    if (!names.empty()) Note(absl::StrCat("a sum without indices is read as the sum over ", NameList(names)));
  }

  void VisitSum(size_t id) {
    if (At(id).sums_all) ListAll(&At(id), At(id).children[0]);
    const std::map<std::string, Binding> outer = bound_;
    std::vector<size_t> slots;
    for (size_t i = 0; i < At(id).sums.size(); ++i) {
      SumIndex& index = At(id).sums[i];
      const std::string name = NameOf(index.name);
      if (index.first.has_value()) ResolveIndex(&*index.first);
      if (index.last.has_value()) ResolveIndex(&*index.last);
      const auto before = bound_.find(name);
      if (before != bound_.end() && before->second.free) {
        Report(Code::kSummedFreeIndex,
               absl::StrCat(name, " is an index of the result: a sum over it is another ", name), index.offset,
               index.length, name, false);
      } else if (before != bound_.end()) {
        used_[before->second.slot] = true;  // Said once is enough.
        Report(Code::kSummedTwice, absl::StrCat(name, " is summed over already"), index.offset, index.length, name,
               false);
      }
      index.name = NewSlot(name, true);
      slots.push_back(index.name);
      bound_[name] = {index.name, false};
    }
    Visit(At(id).children[0]);
    bound_ = outer;
    for (size_t i = 0; i < slots.size(); ++i) {
      if (used_[slots[i]]) continue;
      const SumIndex& index = At(id).sums[i];
      const Slot& slot = result_.program.slots[slots[i]];
      const bool endless = !slot.size.has_value() && !index.last.has_value();  // nothing tells its range
      Report(Code::kUnusedSumIndex, absl::StrCat("what is summed over ", slot.name, " does not depend on it"),
             index.offset, index.length, slot.name, endless);
    }
  }

  const Model& model_;
  const std::vector<std::string>& free_names_;
  const std::vector<IndexExpression>& free_sizes_;
  Resolved result_;
  std::map<std::string, size_t> symbols_;
  std::map<std::string, Binding> bound_;
  std::map<std::string, size_t> strays_;
  std::vector<bool> used_;  // by slot
};

}  // namespace

std::string NameList(const std::vector<std::string>& names) { return absl::StrJoin(names, ", "); }

Resolved Resolve(const Tree& tree, const Model& model, const std::vector<std::string>& free_names,
                 const std::vector<IndexExpression>& free_sizes) {
  return Resolver(tree, model, free_names, free_sizes).Run();
}

}  // namespace tensord::grading::formula
