import Foundations
import Tensor

/// What a federated strategy adds to a site's own training.
package struct LocalRule: Sendable, Equatable {
  /// μ of μ/2·‖w − w₀‖², which is added to the loss; w₀ are the weights that the round starts from (Li et al.,
  /// arXiv 1812.06127). 0: nothing is added.
  package var proximal: Double

  /// Plain training.
  package static let none = LocalRule()

  package init(proximal: Double = 0) {
    self.proximal = proximal
  }
}

/// The gradient of a `LocalRule`, over the flat parameter buffer.
package struct LocalGradient {
  private let anchor: FloatBuffer
  private let proximal: Float

  /// `start` are the weights that the round starts from; nil where the rule adds nothing.
  package init?(_ rule: LocalRule, start: [Float]) {
    guard rule.proximal != 0 else { return nil }
    anchor = FloatBuffer(start)
    proximal = Float(rule.proximal)
  }

  /// Adds μ·(w − w₀) to `gradients`.
  package func add(to gradients: FloatBuffer, at parameters: FloatBuffer, loop: ParallelLoop) {
    let (gradient, weight, start) = (gradients.pointer, parameters.pointer, anchor.pointer)
    loop.forEachPiece(of: parameters.count) { piece in
      for place in piece { gradient[place] += proximal * (weight[place] - start[place]) }
    }
  }
}
