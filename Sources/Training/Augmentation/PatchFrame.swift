import Foundations
import Tensor

/// Where a patch's voxels lie in a case.
///
/// Patch voxel p = (x, y, z) is read at middle + matrix · direction · (p − half the patch + displacement): without
/// a matrix at a voxel of the case, with one between voxels. Positions count voxels; whole numbers are their centres.
package struct PatchFrame {
  /// Voxels along x, y, z.
  let size: SIMD3<Int>
  /// The place in the case of the patch's first voxel, if it is neither turned nor mirrored.
  let origin: SIMD3<Int>
  /// 1, or −1 where mirrored.
  let direction: SIMD3<Int>
  /// Columns of rotation and scaling; nil where there is neither, and no elastic deformation.
  let matrix: (x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>)?
  /// Displacements in the case; nil where there are none.
  let field: ElasticField?
  /// Whether a slice of the patch lies in a slice of the case.
  let isPlanar: Bool

  init(patch: Axes, origin: SIMD3<Int>, direction: SIMD3<Int>) {
    size = SIMD3(patch.width, patch.height, patch.depth)
    self.origin = origin
    self.direction = direction
    matrix = nil
    field = nil
    isPlanar = true
  }

  /// `fixedAxis` keeps its scale; `magnitude` is the largest that the plan's elastic deformation may have.
  package init(
    patch: Axes, origin: SIMD3<Int>, draw: AugmentationDraw, fixedAxis: Int?,
    magnitude: Double = AugmentationChoice.magnitude
  ) {
    let size = SIMD3(patch.width, patch.height, patch.depth)
    self.size = size
    self.origin = origin
    direction = draw.direction
    if draw.rotation == nil && draw.scale == nil && draw.elastic == nil {
      matrix = nil
      field = nil
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
    let columns = (x: column(0), y: column(1), z: column(2))
    matrix = columns
    field = draw.elastic.map { elastic in
      ElasticField(
        elastic, size: size, fixedAxis: fixedAxis, largest: magnitude,
        turned: { columns.x * $0.x + columns.y * $0.y + columns.z * $0.z })
    }
  }

  private init(
    size: SIMD3<Int>, origin: SIMD3<Int>, direction: SIMD3<Int>,
    matrix: (x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>)?, field: ElasticField?, isPlanar: Bool
  ) {
    (self.size, self.origin, self.direction) = (size, origin, direction)
    (self.matrix, self.field, self.isPlanar) = (matrix, field, isPlanar)
  }

  /// The same patch, read `voxels` further along an axis of the case.
  func shifted(along axis: Int, by voxels: Int) -> PatchFrame {
    var origin = origin
    origin[axis] += voxels
    return PatchFrame(
      size: size, origin: origin, direction: direction, matrix: matrix, field: field, isPlanar: isPlanar)
  }

  /// (Rz · Ry · Rx)ᵀ v: batchgeneratorsv2's Rz · Ry · Rx with its axes z, y, x.
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
