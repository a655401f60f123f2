import Foundations
import Imaging

extension LesionScorer {
  /// BraTS 2025 and later: components matched one to one so that the sum of their Dice is largest.
  ///
  /// Means are over the matched lesions. For metastases they are over the lesions of 20 mm³ and more, where a missed one and
  /// each false positive (of any size) count 0 and `penalty` mm.
  func matchedOneToOne(_ tumour: TumourType, penalty: Double) -> LesionScores {
    guard let box = masks.box else { return LesionScores() }
    // Of pictures panoptica takes SciPy's `label`, of volumes cc3d's.
    let connectivity: Connectivity = isPicture ? .faces : .corners
    let parts = Self.components(of: masks.prediction, size: box.size, connectivity: connectivity, loop: loop)
    let lesions = Self.components(of: masks.reference, size: box.size, connectivity: connectivity, loop: loop)
    let (pairings, voxels) = Self.bestPairings(lesions: lesions, parts: parts)
    let found = scores(
      of: pairings, lesions: lesions.numbers, lesionCount: lesions.count, parts: parts.numbers,
      partCount: parts.count, size: box.size, tolerance: tolerance ?? leastSpacing)

    var result = LesionScores()
    result.truePositives = pairings.count
    result.falsePositives = parts.count - pairings.count
    result.falseNegatives = lesions.count - pairings.count
    if tumour != .metastases {
      let scored = found.isEmpty ? [.missed(penalty: .infinity)] : found
      return result.withMeans(of: scored)
    }
    func isScored(_ lesion: Int) -> Bool {
      Double(voxels[lesion]) * voxelVolume >= TumourType.leastScoredVolume
    }
    let scored = zip(pairings, found).filter { isScored($0.0.lesion) }.map(\.1)
    let large = (1..<lesions.count + 1).count { isScored($0) }
    if large == 0 { return result }
    let wrong = large - scored.count + result.falsePositives
    return result.withMeans(
      of: scored + [LesionScore](repeating: .missed(penalty: penalty), count: wrong))
  }

  private var leastSpacing: Double {
    let plane = min(grid.spacing.x, grid.spacing.y)
    return isPicture ? plane : min(plane, grid.spacing.z)
  }

  /// The pairings with the largest sum of Dice, by lesion, and each lesion's voxels.
  private static func bestPairings(
    lesions: (numbers: [Int32], count: Int), parts: (numbers: [Int32], count: Int)
  ) -> (pairings: [Pairing], voxels: [Int]) {
    var ofLesion = [Int](repeating: 0, count: lesions.count + 1)
    var ofPart = [Int](repeating: 0, count: parts.count + 1)
    for lesion in lesions.numbers { ofLesion[Int(lesion)] += 1 }
    for part in parts.numbers { ofPart[Int(part)] += 1 }
    var common: [Int: Int] = [:]
    forEachOverlap(lesions.numbers, parts.numbers) { lesion, part, voxels in
      common[lesion * (parts.count + 1) + part, default: 0] += voxels
    }
    let edges = common.keys.sorted().map { key -> BipartiteMatching.Edge in
      let (lesion, part) = (key / (parts.count + 1), key % (parts.count + 1))
      let dice = 2 * Double(common[key] ?? 0) / Double(ofLesion[lesion] + ofPart[part])
      return BipartiteMatching.Edge(left: lesion, right: part, weight: dice)
    }
    let matched = BipartiteMatching.best(edges.filter { $0.weight >= 1e-6 })
    return (matched.map { Pairing(lesion: $0.left, parts: [$0.right]) }, ofLesion)
  }
}

extension LesionScores {
  fileprivate func withMeans(of scores: [LesionScore]) -> LesionScores {
    var result = self
    let count = Double(scores.count)
    result.dice = scores.reduce(0) { $0 + $1.dice } / count
    result.hausdorff95 = scores.reduce(0) { $0 + $1.hausdorff95 } / count
    result.surfaceDice = scores.reduce(0) { $0 + $1.surfaceDice } / count
    return result
  }
}
