import Harmonization
import Tensor

/// Values of overlapping patches on a case's grid, each voxel the weighted mean of the patches over it.
struct WindowBlend {
  /// Voxels along x, y, z.
  let size: SIMD3<Int>
  private var sums: [Float]
  private var totals: [Float]

  init(size: SIMD3<Int>) {
    self.size = size
    sums = [Float](repeating: 0, count: size.x * size.y * size.z)
    totals = sums
  }

  /// `values` and `weights` are the patch's, `(depth, height, width)`.
  mutating func add(_ values: [Float], weights: [Float], at window: WindowPlace) {
    window.eachRun { voxel, place, count in
      for i in 0..<count {
        sums[voxel + i] += weights[place + i] * values[place + i]
        totals[voxel + i] += weights[place + i]
      }
    }
  }

  /// `(z, y, x)`.
  func values() -> [Float] { zip(sums, totals).map { $1 > 0 ? $0 / $1 : 0 } }
}

/// One patch's place in a case.
struct WindowPlace {
  let size: SIMD3<Int>
  /// May be before the case.
  let origin: SIMD3<Int>
  let patch: Axes

  /// Calls `body(voxel in the case, voxel in the patch, run)` for each run of voxels along x that lies in both.
  func eachRun(_ body: (Int, Int, Int) -> Void) {
    let first = max(0, -origin.x)
    let last = min(patch.width, size.x - origin.x)
    for d in max(0, -origin.z)..<min(patch.depth, size.z - origin.z) {
      for h in max(0, -origin.y)..<min(patch.height, size.y - origin.y) {
        let row = ((origin.z + d) * size.y + origin.y + h) * size.x + origin.x
        body(row + first, (d * patch.height + h) * patch.width + first, last - first)
      }
    }
  }

  /// The case's voxels of the patch, `(depth, height, width, channel)`; 0 beside the case.
  func load(_ item: HarmonizedCase, into input: UnsafeMutablePointer<Float>) {
    let channels = item.channels
    input.update(repeating: 0, count: patch.product * channels)
    item.image.withUnsafeBufferPointer { image in
      guard let image = image.baseAddress else { return }
      eachRun { voxel, place, count in
        (input + place * channels).update(from: image + voxel * channels, count: count * channels)
      }
    }
  }
}
