import Foundations
import Tensor

/// Where windows lie in a case and how much each of their voxels counts (nnU-Net: evenly spread steps, Gaussian weights
/// σ = patch/8).
package enum SlidingWindow {
  /// First voxels of the windows along an axis: evenly spread, at most `step` of a patch apart (nnU-Net).
  ///
  /// A case smaller than the patch has one window, centred, which begins before the case does.
  package static func starts(_ extent: Int, _ patch: Int, step: Double = 0.5) -> [Int] {
    let room = extent - patch
    if room <= 0 { return [-((-room) / 2)] }
    let steps = Int((Double(room) / (Double(patch) * step)).rounded(.up))
    return (0...steps).map {
      // Halves to even, as NumPy rounds.
      Int((Double(room) / Double(steps) * Double($0)).rounded(.toNearestOrEven))
    }
  }

  /// The weight of each voxel of a patch along one axis: a Gaussian of σ = extent/8 around the voxel at extent/2, 1 there.
  static func profile(_ extent: Int) -> [Double] {
    let sigma = Double(extent) / 8
    return (0..<extent).map { i in
      let d = Double(i - extent / 2) / sigma
      return PortableMath.exp(-0.5 * d * d)
    }
  }

  /// The patch's weights `(depth, height, width)`: the product of the axes' profiles (nnU-Net).
  ///
  /// No voxel is further than 4σ from the middle along an axis, so no weight vanishes in `Float`.
  package static func weights(_ patch: Axes) -> [Float] {
    let (d, h, w) = (profile(patch.depth), profile(patch.height), profile(patch.width))
    var values: [Float] = []
    values.reserveCapacity(patch.product)
    for a in d { for b in h { for c in w { values.append(Float(a * b * c)) } } }
    return values
  }

  /// Along one axis of a case, the sum of the profiles of all windows that lie over each voxel.
  static func totals(_ extent: Int, _ patch: Int, starts: [Int]) -> [Double] {
    let profile = profile(patch)
    var totals = [Double](repeating: 0, count: extent)
    for start in starts {
      for place in max(0, -start)..<min(patch, extent - start) { totals[start + place] += profile[place] }
    }
    return totals
  }
}
