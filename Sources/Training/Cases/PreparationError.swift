import Foundations

/// Cases that are readable but do not suit the plan.
package enum PreparationError: DescribedError {
  case noLabels(path: String, name: String)
  case noContrast(path: String, contrast: String, found: [String])
  case singleSlice(path: String)
  case labelsOutsideBrain(path: String, outside: Int, labelled: Int)
  case harmonization(path: String, reason: String)
  case noFits(path: String, contrasts: [String])
  case memory(cases: Int, bytes: Int, available: Int)
  case predictionMemory(path: String, bytes: Int, available: Int)

  package var description: String {
    switch self {
    case .noLabels(let path, let name):
      "\(path): the case has no label map, expected \(name)_seg beside its scans. Add it, or leave the case out."
    case .noContrast(let path, let contrast, let found):
      "\(path): the case has the contrasts \(found.joined(separator: ", ")), expected \(contrast) too. "
        + "Add the missing scan, or use a plan without that contrast."
    case .singleSlice(let path):
      "\(path): found a single slice, expected a volume for a 3D plan. Use a 2D plan."
    case .labelsOutsideBrain(let path, let outside, let labelled):
      "\(path): \(outside) of \(labelled) labelled voxels lie outside the brain, expected less than 1 %. Check that the "
        + "label map belongs to its scans, or let it pass with --allow-labels-outside-brain."
    case .harmonization(let path, let reason): "\(path): \(reason)"
    case .noFits(let path, let contrasts):
      "\(path): found no fitted values of the case, expected those of \(contrasts.joined(separator: ", ")) from the earlier "
        + "harmonisation. Fit anew, or leave the case out."
    case .memory(let cases, let bytes, let available):
      "harmonised cases: \(cases) of them take \(ByteCount.text(bytes, rounding: .up)), and the machine has "
        + "\(ByteCount.text(available, rounding: .down)) of memory left. Keep them on disk with --cache DIR."
    case .predictionMemory(let path, let bytes, let available):
      "\(path): predicting the case takes about \(ByteCount.text(bytes, rounding: .up)) beside the network, and the machine has "
        + "\(ByteCount.text(available, rounding: .down)) of memory left. Free memory, or use a plan with a coarser spacing."
    }
  }
}
