import Foundations
import Tensor

/// Networks that cannot be built.
package enum NetworkError: DescribedError {
  case dimensions(found: Int)
  case planarPatch(depth: Int)
  case patch(axis: String, extent: Int, stages: Int, multiple: Int)
  case outOfRange(field: String, found: Int, lower: Int, upper: Int)
  case stageCount(field: String, found: Int, expected: Int)
  case stageAxes(field: String, stage: Int, found: Axes, expected: String)
  case tap(found: String, known: [String])
  case batch(found: Int)
  case tooLarge(batch: Int, patch: Axes, stage: Int, channels: Int)
  case memory(MemoryShortage)

  package var description: String {
    switch self {
    case .dimensions(let found):
      "plan, dimensions: found \(found), expected 2 or 3."
    case .planarPatch(let depth):
      "plan, patch: a 2D network takes patches of depth 1, found depth \(depth). Give the patch as [width, height, 1]."
    case .patch(let axis, let extent, let stages, let multiple):
      "plan, patch: \(axis) \(extent) does not fit a network of \(stages) stages: expected a multiple of \(multiple), "
        + "at least \(2 * multiple) and at most \(UNetArchitecture.largestExtent). "
        + "Use \(Self.nearest(extent, multiple: multiple)), or fewer stages in network.widths."
    case .outOfRange(let field, let found, let lower, let upper):
      "plan, \(field): found \(found), expected \(lower) to \(upper)."
    case .stageCount(let field, let found, let expected):
      "plan, \(field): found \(found) entries, expected \(expected), one for each stage as in network.widths."
    case .stageAxes(let field, let stage, let found, let expected):
      "plan, \(field), stage \(stage): found \(found.asInPlans), expected \(expected)."
    case .tap(let found, let known):
      "feature to keep: found \(found), expected one of \(known.joined(separator: ", "))."
    case .batch(let found):
      "plan, batch: found \(found), expected 1 or more."
    case .tooLarge(let batch, let patch, let stage, let channels):
      "plan, patch \(patch.asInPlans) and batch \(batch): \(channels) feature maps of stage \(stage) hold more than "
        + "2^48 numbers, which no machine can count with. Use a smaller patch, batch or network."
    case .memory(let shortage): shortage.description
    }
  }

  /// The allowed extent that is nearest from above, if there is one.
  private static func nearest(_ extent: Int, multiple: Int) -> Int {
    let largest = UNetArchitecture.largestExtent / multiple * multiple
    if extent >= largest { return largest }
    return max(2 * multiple, (extent + multiple - 1) / multiple * multiple)
  }
}

extension MemoryShortage: CustomStringConvertible {
  package var description: String {
    let work = isTraining ? "training" : "inference"
    let need = ByteCount.text(needed, rounding: .up)
    let room = ByteCount.text(allowed, rounding: .down)
    let lack =
      limit == .ceiling
      ? "\(work) needs at least \(need), even with layers computed again, and --memory allows \(room)"
      : "\(work) needs \(need), and the machine has \(room) free"
    return "plan, patch \(patch.asInPlans) and batch \(batch): \(lack). \(advice)"
  }

  private var advice: String {
    var ways: [String] = []
    if let fittingPatch { ways.append("patch \(fittingPatch.asInPlans)") }
    if let fittingBatch { ways.append("batch \(fittingBatch)") }
    if let fittingCeiling {
      ways.append("--memory \(ByteCount.text(fittingCeiling, rounding: .up, spaced: false)) (slower)")
    }
    if limit == .ceiling { ways.append("--memory \(ByteCount.text(needed, rounding: .up, spaced: false))") }
    if ways.isEmpty {
      return "Not even the smallest patch fits: use fewer or narrower stages in network.widths."
    }
    let hasSmaller = fittingPatch != nil || fittingBatch != nil
    return "Use \(ways.joined(separator: ", or "))"
      + (hasSmaller ? "." : "; no smaller patch or batch fits.")
  }
}

extension Axes {
  /// Width, height, depth: as plans have patches.
  fileprivate var asInPlans: String { "[\(width), \(height), \(depth)]" }
}
