import Foundations
import Tensor

/// What a federated strategy adds to a site's own training.
package struct LocalRule: Sendable, Equatable {
  /// μ of μ/2·‖w − w₀‖², which is added to the loss (Li et al., arXiv 1812.06127). 0: nothing is added.
  package var proximal: Double
  /// w₀; nil: the weights that the round starts from.
  package var anchor: [Float]?
  /// What is added to the gradient, one number for each parameter, such as SCAFFOLD's c − cᵢ; nil: nothing.
  package var linear: [Float]?

  /// Plain training.
  package static let none = LocalRule()

  package init(proximal: Double = 0, anchor: [Float]? = nil, linear: [Float]? = nil) {
    self.proximal = proximal
    self.anchor = anchor
    self.linear = linear
  }
}

/// The gradient of a `LocalRule`, over the flat parameter buffer.
package struct LocalGradient {
  private let proximal: Float
  private let anchor: FloatBuffer?
  private let linear: FloatBuffer?

  /// `start` are the weights that the round starts from; nil where the rule adds nothing.
  package init?(_ rule: LocalRule, start: [Float]) {
    guard rule.proximal != 0 || rule.linear != nil else { return nil }
    proximal = Float(rule.proximal)
    anchor = rule.proximal != 0 ? FloatBuffer(rule.anchor ?? start) : nil
    linear = rule.linear.map { FloatBuffer($0) }
  }

  /// Adds μ·(w − w₀) and the linear term to `gradients`.
  package func add(to gradients: FloatBuffer, at parameters: FloatBuffer, loop: ParallelLoop) {
    let (gradient, weight) = (gradients.pointer, parameters.pointer)
    let (start, term) = (anchor?.pointer, linear?.pointer)
    loop.forEachPiece(of: parameters.count) { piece in
      if let start {
        for place in piece { gradient[place] += proximal * (weight[place] - start[place]) }
      }
      if let term {
        for place in piece { gradient[place] += term[place] }
      }
    }
  }
}
