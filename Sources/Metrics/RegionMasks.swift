import Foundations
import Imaging

/// A region in two label maps on one grid: its voxels in the smallest box that holds both, and their counts.
struct RegionMasks: Sendable {
  let counts: OverlapCounts
  /// The box around the region in both maps; nil where both are empty.
  let box: GridBox?
  /// 1 in the region, 0 outside of it; the box's voxels, i fastest.
  let prediction: [UInt8]
  let reference: [UInt8]

  /// Counts each region's voxels and cuts out its masks, the maps on one grid.
  static func of(
    _ regions: [Region], prediction: LabelVolume, reference: LabelVolume, loop: ParallelLoop
  ) -> [RegionMasks] {
    let survey = RegionSurvey(regions, prediction: prediction, reference: reference, loop: loop)
    return regions.indices.map { index in
      guard let box = survey.boxes[index] else {
        return RegionMasks(counts: survey.counts[index], box: nil, prediction: [], reference: [])
      }
      let bit = UInt32(1) << UInt32(index)
      return RegionMasks(
        counts: survey.counts[index], box: box,
        prediction: mask(of: prediction, in: box, members: survey.members, bit: bit, loop: loop),
        reference: mask(of: reference, in: box, members: survey.members, bit: bit, loop: loop))
    }
  }

  private static func mask(
    of map: LabelVolume, in box: GridBox, members: [UInt32], bit: UInt32, loop: ParallelLoop
  ) -> [UInt8] {
    let (size, grid) = (box.size, map.geometry.size)
    var mask = [UInt8](repeating: 0, count: size.x * size.y * size.z)
    mask.withUnsafeMutableBufferPointer { mask in
      map.labels.withUnsafeBufferPointer { labels in
        members.withUnsafeBufferPointer { members in
          // Safe: each piece writes its own slice.
          nonisolated(unsafe) let mask = mask
          loop.forEach(size.z) { k, _ in
            for j in 0..<size.y {
              let from = box.origin.x + grid.x * (box.origin.y + j + grid.y * (box.origin.z + k))
              let to = size.x * (j + size.y * k)
              for i in 0..<size.x { mask[to + i] = members[Int(labels[from + i])] & bit == 0 ? 0 : 1 }
            }
          }
        }
      }
    }
    return mask
  }
}

/// Voxel counts and boxes of several regions, found in one pass over the two maps.
struct RegionSurvey {
  let counts: [OverlapCounts]
  let boxes: [GridBox?]
  /// For each label value one bit for each region that it belongs to.
  fileprivate let members: [UInt32]

  private struct Slice {
    var prediction = 0
    var reference = 0
    var both = 0
    var low = SIMD2(Int.max, Int.max)
    var high = SIMD2(-1, -1)
  }

  init(_ regions: [Region], prediction: LabelVolume, reference: LabelVolume, loop: ParallelLoop) {
    let size = prediction.geometry.size
    precondition(size == reference.geometry.size, "metrics compare label maps on one grid")
    precondition(regions.count <= 32, "a region is a bit of 32")
    var members = [UInt32](repeating: 0, count: 65536)
    for (index, region) in regions.enumerated() {
      for label in region.labels { members[Int(label)] |= 1 << UInt32(index) }
    }
    self.members = members
    var slices = [Slice](repeating: Slice(), count: size.z * regions.count)
    slices.withUnsafeMutableBufferPointer { slices in
      // Safe: each piece writes its own slice's places.
      nonisolated(unsafe) let slices = slices
      loop.forEach(size.z) { k, _ in
        let own = UnsafeMutableBufferPointer(
          rebasing: slices[k * regions.count..<(k + 1) * regions.count])
        Self.count(k, prediction, reference, members, into: own)
      }
    }
    counts = regions.indices.map { index in
      var sum = OverlapCounts(prediction: 0, reference: 0, both: 0, total: size.x * size.y * size.z)
      for k in 0..<size.z {
        let slice = slices[k * regions.count + index]
        sum.prediction += slice.prediction
        sum.reference += slice.reference
        sum.both += slice.both
      }
      return sum
    }
    boxes = regions.indices.map { index in
      Self.box((0..<size.z).map { slices[$0 * regions.count + index] })
    }
  }

  private static func count(
    _ k: Int, _ prediction: LabelVolume, _ reference: LabelVolume, _ members: [UInt32],
    into slices: UnsafeMutableBufferPointer<Slice>
  ) {
    let size = prediction.geometry.size
    prediction.labels.withUnsafeBufferPointer { predicted in
      reference.labels.withUnsafeBufferPointer { expected in
        members.withUnsafeBufferPointer { members in
          for j in 0..<size.y {
            let row = size.x * (j + size.y * k)
            for i in 0..<size.x {
              let p = members[Int(predicted[row + i])]
              let r = members[Int(expected[row + i])]
              var rest = p | r
              while rest != 0 {
                let index = rest.trailingZeroBitCount
                rest &= rest - 1
                let (inP, inR) = (Int(p >> UInt32(index) & 1), Int(r >> UInt32(index) & 1))
                slices[index].prediction += inP
                slices[index].reference += inR
                slices[index].both += inP & inR
                slices[index].low = pointwiseMin(slices[index].low, SIMD2(i, j))
                slices[index].high = pointwiseMax(slices[index].high, SIMD2(i, j))
              }
            }
          }
        }
      }
    }
  }

  private static func box(_ slices: [Slice]) -> GridBox? {
    guard let first = slices.firstIndex(where: { $0.high.x >= 0 }),
      let last = slices.lastIndex(where: { $0.high.x >= 0 })
    else { return nil }
    let low = slices.reduce(SIMD2(Int.max, Int.max)) { pointwiseMin($0, $1.low) }
    let high = slices.reduce(SIMD2(-1, -1)) { pointwiseMax($0, $1.high) }
    let origin = SIMD3(low.x, low.y, first)
    return GridBox(origin: origin, size: SIMD3(high.x, high.y, last) &- origin &+ 1)
  }
}
