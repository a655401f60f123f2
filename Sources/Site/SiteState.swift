import FederationProtocol
import Interchange
import Training

/// What a site goes on with from round to round, apart from the model that it is sent. It is kept at the site; of layers of its own
/// (FedBN, FADL) the coordinator is sent the change, for the model that an unseen site starts from.
package struct SiteState: Sendable, Equatable {
  /// Momentum, where it is kept.
  package var trainer: TrainerState?
  /// SCAFFOLD's cᵢ or FedDyn's hᵢ, one number for each parameter; nil: zeros.
  package var control: [Float]?
  /// Tensors of its own: layers that a strategy leaves to it, or a whole model.
  package var personal: [NamedTensor] = []

  /// Nothing: before a site's first round.
  package static let none = SiteState()

  /// A model's weights with the site's own tensors in their places; `ranges` are the model's.
  func overlaid(on weights: [Float], _ ranges: [TensorRange]) -> [Float] {
    if personal.isEmpty { return weights }
    let own = Dictionary(personal.map { ($0.name, $0.values) }, uniquingKeysWith: { first, _ in first })
    var result = weights
    var offset = 0
    for range in ranges {
      if let values = own[range.name], values.count == range.count {
        result.replaceSubrange(offset..<offset + range.count, with: values)
      }
      offset += range.count
    }
    return result
  }

  /// The tensors of a model that bear one of `names`.
  static func tensors(_ names: Set<String>, of weights: [Float], _ ranges: [TensorRange]) -> [NamedTensor] {
    var offset = 0
    return ranges.compactMap { range in
      defer { offset += range.count }
      guard names.contains(range.name) else { return nil }
      return NamedTensor(
        name: range.name, shape: range.shape, values: Array(weights[offset..<offset + range.count]))
    }
  }
}
