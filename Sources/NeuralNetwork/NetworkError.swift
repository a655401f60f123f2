import Foundations

/// Networks that cannot be built.
package enum NetworkError: DescribedError {
  case dimensions(found: Int)
  case planarPatch(depth: Int)
  case patch(axis: String, extent: Int, stages: Int, multiple: Int)
  case outOfRange(field: String, found: Int, lower: Int, upper: Int)

  package var description: String {
    switch self {
    case .dimensions(let found):
      "plan, dimensions: found \(found), expected 2 or 3."
    case .planarPatch(let depth):
      "plan, patch: a 2D network takes patches of depth 1, found depth \(depth). Give the patch as [width, height, 1]."
    case .patch(let axis, let extent, let stages, let multiple):
      "plan, patch: \(axis) \(extent) does not fit a network of \(stages) stages: expected a multiple of \(multiple) "
        + "and at least \(2 * multiple). Use \(max(2 * multiple, (extent + multiple - 1) / multiple * multiple)), "
        + "or fewer stages in network.widths."
    case .outOfRange(let field, let found, let lower, let upper):
      "plan, \(field): found \(found), expected \(lower) to \(upper)."
    }
  }
}
