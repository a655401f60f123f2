import Foundations
import Imaging

/// Finds and matches the lesions of one region in a prediction and a reference.
struct LesionScorer {
  let masks: RegionMasks
  let grid: Geometry
  let rule: SurfaceRule
  /// Of surface Dice, in mm; nil: the rule's.
  let tolerance: Double?
  let loop: ParallelLoop
  /// The whole masks' score where it is known: that of a lesion that is all of the reference, matched with all of the prediction.
  var whole: LesionScore?

  init(masks: RegionMasks, grid: Geometry, rule: SurfaceRule, tolerance: Double?, loop: ParallelLoop) {
    self.masks = masks
    self.grid = grid
    self.rule = rule
    self.tolerance = tolerance
    self.loop = loop
  }

  var isPicture: Bool { grid.size.z == 1 }
  var voxelVolume: Double { grid.spacing.x * grid.spacing.y * grid.spacing.z }

  /// A lesion of the reference with the parts of the prediction that belong to it, by their numbers in two maps (from 1).
  struct Pairing {
    let lesion: Int
    let parts: [Int]
  }

  /// The components of a mask that fills a box: the box's voxels with their numbers from 1, and how many there are.
  static func components(
    of mask: [UInt8], size: SIMD3<Int>, connectivity: Connectivity, loop: ParallelLoop
  ) -> (numbers: [Int32], count: Int) {
    let components = ConnectedComponents(
      in: mask, box: GridBox(whole: size), size: size, connectivity: connectivity, loop: loop)
    return (components.numbered(), components.count)
  }

  /// Calls `body` for each stretch of voxels that bear the same two numbers, neither of them 0.
  static func forEachOverlap(
    _ ones: [Int32], _ others: [Int32], _ body: (_ one: Int, _ other: Int, _ voxels: Int) -> Void
  ) {
    var (one, other, voxels): (Int32, Int32, Int) = (0, 0, 0)
    for (a, b) in zip(ones, others) {
      if a == one && b == other {
        voxels += 1
        continue
      }
      if one != 0 && other != 0 { body(Int(one), Int(other), voxels) }
      (one, other, voxels) = (a, b, 1)
    }
    if one != 0 && other != 0 { body(Int(one), Int(other), voxels) }
  }

  /// Scores each pairing: the union of its parts against its lesion. Both maps fill a box of `size`.
  func scores(
    of pairings: [Pairing], lesions: [Int32], lesionCount: Int, parts: [Int32], partCount: Int,
    size: SIMD3<Int>, tolerance: Double
  ) -> [LesionScore] {
    let lesionBoxes = NumberedBoxes(lesions, count: lesionCount, size: size)
    let partBoxes = NumberedBoxes(parts, count: partCount, size: size)
    var scores = [LesionScore](repeating: .missed(penalty: .nan), count: pairings.count)
    scores.withUnsafeMutableBufferPointer { scores in
      // Safe: each piece writes its own place.
      nonisolated(unsafe) let scores = scores
      loop.forEach(pairings.count) { index, _ in
        let pairing = pairings[index]
        if let whole, lesionBoxes[pairing.lesion].voxels == masks.counts.reference,
          pairing.parts.reduce(0, { $0 + partBoxes[$1].voxels }) == masks.counts.prediction
        {
          scores[index] = whole
          return
        }
        var box = lesionBoxes[pairing.lesion]
        for part in pairing.parts { box = box.union(partBoxes[part]) }
        let lesion = box.mask(of: lesions, size: size) { $0 == Int32(pairing.lesion) }
        let wanted = Set(pairing.parts.map { Int32($0) })
        let prediction =
          pairing.parts.count == 1
          ? box.mask(of: parts, size: size) { $0 == Int32(pairing.parts[0]) }
          : box.mask(of: parts, size: size) { $0 != 0 && wanted.contains($0) }
        scores[index] = score(
          prediction: prediction, lesion: lesion, size: box.size, tolerance: tolerance)
      }
    }
    return scores
  }

  private func score(
    prediction: [UInt8], lesion: [UInt8], size: SIMD3<Int>, tolerance: Double
  ) -> LesionScore {
    var (ofPrediction, ofLesion, both) = (0, 0, 0)
    for (p, r) in zip(prediction, lesion) {
      ofPrediction += Int(p)
      ofLesion += Int(r)
      both += Int(p & r)
    }
    let surfaces = SurfaceDistances(
      prediction: prediction, reference: lesion, size: size, spacing: grid.spacing, isPicture: isPicture,
      rule: rule, loop: .serial)
    return LesionScore(
      dice: 2 * Double(both) / Double(ofPrediction + ofLesion), hausdorff95: surfaces.hausdorff(percent: 95),
      surfaceDice: surfaces.surfaceDice(tolerance: tolerance))
  }
}

/// The box around each number of a map, from 1.
struct NumberedBoxes: Sendable {
  struct Box: Sendable {
    var low = SIMD3(repeating: Int.max)
    var high = SIMD3(repeating: -1)
    /// Voxels that bear the number.
    var voxels = 0

    var size: SIMD3<Int> { high &- low &+ 1 }

    func union(_ other: Box) -> Box {
      Box(low: pointwiseMin(low, other.low), high: pointwiseMax(high, other.high))
    }

    /// 1 where a map's number is wanted, 0 elsewhere: the box's voxels.
    func mask(of numbers: [Int32], size grid: SIMD3<Int>, where isWanted: (Int32) -> Bool) -> [UInt8] {
      let size = size
      return [UInt8](unsafeUninitializedCapacity: size.x * size.y * size.z) { mask, initialized in
        numbers.withUnsafeBufferPointer { numbers in
          for k in 0..<size.z {
            for j in 0..<size.y {
              let from = low.x + grid.x * (low.y + j + grid.y * (low.z + k))
              let to = size.x * (j + size.y * k)
              for i in 0..<size.x { mask[to + i] = isWanted(numbers[from + i]) ? 1 : 0 }
            }
          }
        }
        initialized = size.x * size.y * size.z
      }
    }
  }

  private var boxes: [Box]

  init(_ numbers: [Int32], count: Int, size: SIMD3<Int>) {
    boxes = [Box](repeating: Box(), count: count + 1)
    boxes.withUnsafeMutableBufferPointer { boxes in
      numbers.withUnsafeBufferPointer { numbers in
        for k in 0..<size.z {
          for j in 0..<size.y {
            let row = size.x * (j + size.y * k)
            for i in 0..<size.x where numbers[row + i] != 0 {
              let number = Int(numbers[row + i])
              boxes[number].low = pointwiseMin(boxes[number].low, SIMD3(i, j, k))
              boxes[number].voxels += 1
              boxes[number].high = pointwiseMax(boxes[number].high, SIMD3(i, j, k))
            }
          }
        }
      }
    }
  }

  subscript(number: Int) -> Box { boxes[number] }
}
