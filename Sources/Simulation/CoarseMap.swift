import Foundations

/// A brain's tissue on a 2 mm grid: where a tumour may start and how it can spread.
struct CoarseMap: Sendable {
  static let spacing: Float = 2
  let size: SIMD3<Int>
  let origin: SIMD3<Float>
  /// White and grey matter (deep grey counts half to each), fluid in ventricles, fluid in sulci; i fastest.
  var tissue: [SIMD4<Float>]

  var count: Int { tissue.count }

  /// Samples the anatomy at each node.
  init(_ anatomy: BrainAnatomy, loop: ParallelLoop) {
    let half = BrainAnatomy.halfExtent
    let size = SIMD3(
      Int(2 * half.x / CoarseMap.spacing) + 1, Int(2 * half.y / CoarseMap.spacing) + 1,
      Int(2 * half.z / CoarseMap.spacing) + 1)
    self.size = size
    origin = -half
    let plane = size.x * size.y
    tissue = [SIMD4<Float>](repeating: .zero, count: plane * size.z)
    tissue.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let buffer = buffer
      loop.forEach(size.z) { k, _ in
        for j in 0..<size.y {
          for i in 0..<size.x {
            let position = SIMD3(Float(i), Float(j), Float(k)) * CoarseMap.spacing - half
            let found = anatomy.tissue(at: position, voxel: CoarseMap.spacing)
            let white = found.white + found.hyperintensity + 0.5 * found.deepGrey
            let grey = found.grey + 0.5 * found.deepGrey
            buffer[i + size.x * j + plane * k] =
              SIMD4(white, grey, found.ventricle + found.choroid, found.sulcus + found.vessel) * found.mask
          }
        }
      }
    }
  }

  /// Position in mm of a node.
  func position(_ index: Int) -> SIMD3<Float> {
    let i = index % size.x
    let j = index / size.x % size.y
    let k = index / (size.x * size.y)
    return origin + SIMD3(Float(i), Float(j), Float(k)) * CoarseMap.spacing
  }

  /// The node next to a position, clamped to the grid.
  func node(_ position: SIMD3<Float>) -> Int {
    let u = (position - origin) / CoarseMap.spacing + 0.5
    let i = min(size.x - 1, max(0, Int(u.x)))
    let j = min(size.y - 1, max(0, Int(u.y)))
    let k = min(size.z - 1, max(0, Int(u.z)))
    return i + size.x * (j + size.y * k)
  }

  /// Trilinear interpolation of values on the nodes, clamped at the border.
  @inline(__always)
  func interpolate(_ values: UnsafeBufferPointer<SIMD4<Float>>, at position: SIMD3<Float>) -> SIMD4<Float> {
    let limit = SIMD3<Float>(Float(size.x - 1), Float(size.y - 1), Float(size.z - 1)) - 1e-3
    let u = ((position - origin) / CoarseMap.spacing).clamped(lowerBound: .zero, upperBound: limit)
    let i = Int(u.x)
    let j = Int(u.y)
    let k = Int(u.z)
    let t = u - SIMD3(Float(i), Float(j), Float(k))
    let base = i + size.x * (j + size.y * k)
    let rowStep = size.x
    let planeStep = size.x * size.y
    @inline(__always) func along(_ index: Int) -> SIMD4<Float> {
      values[index] + (values[index + 1] - values[index]) * t.x
    }
    let near = along(base) + (along(base + rowStep) - along(base)) * t.y
    let farBase = base + planeStep
    let far = along(farBase) + (along(farBase + rowStep) - along(farBase)) * t.y
    return near + (far - near) * t.z
  }

  /// The same brain with tissue pushed outwards by a growing mass.
  func pushed(by push: MassEffect, loop: ParallelLoop) -> CoarseMap {
    var result = self
    let plane = size.x * size.y
    tissue.withUnsafeBufferPointer { source in
      nonisolated(unsafe) let source = source
      result.tissue.withUnsafeMutableBufferPointer { target in
        nonisolated(unsafe) let target = target
        loop.forEach(size.z) { k, _ in
          for index in (k * plane)..<((k + 1) * plane) {
            let here = position(index)
            let from = push.source(of: here)
            if from == here { continue }
            // The brain's outside stays: the skull gives no way.
            target[index] = interpolate(source, at: from)
          }
        }
      }
    }
    return result
  }
}

/// The push of a mass on the tissue around it: radial, strongest at the mass, gone at a few radii.
package struct MassEffect: Sendable, Equatable {
  package let centre: SIMD3<Float>
  /// mm over which the push falls.
  package let radius: Float
  /// Share of its distance from the centre by which tissue near the centre has moved, 0 ≤ strength < 1.
  package let strength: Float

  package init(centre: SIMD3<Float>, radius: Float, strength: Float) {
    self.centre = centre
    self.radius = radius
    self.strength = strength
  }

  /// Where the tissue that is now at a position came from.
  @inline(__always)
  package func source(of position: SIMD3<Float>) -> SIMD3<Float> {
    let offset = position - centre
    let square = (offset.x * offset.x + offset.y * offset.y + offset.z * offset.z) / (radius * radius)
    if square > 12 { return position }
    let fall = 1 + square
    // Tapered to 0 at the border, so that nothing jumps there.
    let share = strength / (fall * fall) * min(1, (12 - square) / 4)
    return position - offset * share
  }
}
