import Foundations
import Tensor

/// Where a patch's voxels lie in a case.
///
/// Patch voxel p = (x, y, z) is read at middle + matrix · direction · (p − half the patch): without a matrix
/// at a voxel of the case, with one between voxels. Positions count voxels; whole numbers are their centres.
package struct PatchFrame {
  /// Voxels along x, y, z.
  let size: SIMD3<Int>
  /// The place in the case of the patch's first voxel, if it is neither turned nor mirrored.
  let origin: SIMD3<Int>
  /// 1, or −1 where mirrored.
  let direction: SIMD3<Int>
  /// Columns of rotation and scaling; nil where there is neither.
  let matrix: (x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>)?
  /// Whether a slice of the patch lies in a slice of the case.
  let isPlanar: Bool

  init(patch: Axes, origin: SIMD3<Int>, direction: SIMD3<Int>) {
    size = SIMD3(patch.width, patch.height, patch.depth)
    self.origin = origin
    self.direction = direction
    matrix = nil
    isPlanar = true
  }

  /// `fixedAxis` keeps its scale.
  package init(patch: Axes, origin: SIMD3<Int>, draw: AugmentationDraw, fixedAxis: Int?) {
    size = SIMD3(patch.width, patch.height, patch.depth)
    self.origin = origin
    direction = draw.direction
    if draw.rotation == nil && draw.scale == nil {
      matrix = nil
      isPlanar = true
      return
    }
    isPlanar = fixedAxis == 2
    var scale = SIMD3(repeating: draw.scale ?? 1)
    if let fixedAxis { scale[fixedAxis] = 1 }
    let angles = draw.rotation ?? .zero
    func column(_ axis: Int) -> SIMD3<Double> {
      var unit = SIMD3<Double>.zero
      unit[axis] = Double(draw.direction[axis])
      return scale * Self.turned(unit, angles)
    }
    matrix = (column(0), column(1), column(2))
  }

  /// (Rz · Ry · Rx)ᵀ v, as batchgeneratorsv2 multiplies its grid from the left.
  private static func turned(_ v: SIMD3<Double>, _ angles: SIMD3<Double>) -> SIMD3<Double> {
    func circle(_ angle: Double) -> (Double, Double) { (PortableMath.cos(angle), PortableMath.sin(angle)) }
    let (cz, sz) = circle(angles.z)
    let a = SIMD3(cz * v.x + sz * v.y, cz * v.y - sz * v.x, v.z)
    let (cy, sy) = circle(angles.y)
    let b = SIMD3(cy * a.x - sy * a.z, a.y, sy * a.x + cy * a.z)
    let (cx, sx) = circle(angles.x)
    return SIMD3(b.x, cx * b.y + sx * b.z, cx * b.z - sx * b.y)
  }

  /// Where the first voxel of a line along x lies, and the step to the next; without a matrix nil.
  func line(y: Int, z: Int) -> (start: SIMD3<Double>, step: SIMD3<Double>)? {
    guard let matrix else { return nil }
    let half = (SIMD3<Double>(size) - 1) / 2
    let middle = SIMD3<Double>(origin) + half
    let turned = matrix.x * -half.x + matrix.y * (Double(y) - half.y) + matrix.z * (Double(z) - half.z)
    return (middle + turned, matrix.x)
  }

  /// The case's index along an axis at which the patch's is read, without a matrix.
  func index(_ axis: Int, _ place: Int) -> Int {
    origin[axis] + (direction[axis] > 0 ? place : size[axis] - 1 - place)
  }
}
