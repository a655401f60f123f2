import Foundation
import Imaging
import TestSupport

/// Cases of 20×20×20 voxels of 1 mm, in RAS, whose label is a cube: every pixel of their slices is known.
struct CubeCases {
  static let size = SIMD3(20, 20, 20)
  /// Pixels along a tile: 16 a voxel.
  static let side = 320

  let folder: TemporaryFolder

  var geometry: Geometry {
    Geometry(size: Self.size, affine: Imaging.AffineTransform(spacing: SIMD3(1, 1, 1)))
  }

  func voxels<Value>(_ value: (SIMD3<Int>) -> Value) -> [Value] {
    (0..<geometry.count).map { value(SIMD3($0 % 20, $0 / 20 % 20, $0 / 400)) }
  }

  func box(_ range: Range<Int>, label: UInt16 = 1) -> LabelVolume {
    LabelVolume(
      geometry: geometry,
      labels: voxels { voxel in (0..<3).allSatisfy { range.contains(voxel[$0]) } ? label : 0 })
  }

  /// A case folder with a scan of one grey and a cube of label 1 from 5 to 14.
  func makeCase(_ name: String = "a-case", contrasts: [String] = ["t1"]) throws -> String {
    let path = try folder.folder(name)
    let stem = (name as NSString).lastPathComponent
    for contrast in contrasts {
      try NIfTI.write(
        Volume(geometry: geometry, voxels: voxels { _ in 100 }), to: "\(path)/\(stem)_\(contrast).nii.gz",
        options: NIfTIWriteOptions())
    }
    try write(box(5..<15), "\(path)/\(stem)_seg.nii.gz")
    return path
  }

  func write(_ labels: LabelVolume, _ path: String) throws {
    try NIfTI.write(labels, to: path, options: NIfTIWriteOptions.labels(of: labels))
  }

  /// The border of a square of voxels `range`, in a tile whose axes run against the picture's.
  static func border(_ range: Range<Int>) -> Set<SIMD2<Int>> {
    let pixels = (20 - range.upperBound) * 16..<(20 - range.lowerBound) * 16
    var places: Set<SIMD2<Int>> = []
    for place in pixels {
      for edge in [pixels.lowerBound, pixels.upperBound - 1] {
        places.formUnion([SIMD2(place, edge), SIMD2(edge, place)])
      }
    }
    return places
  }
}

/// A PNG's pixels.
struct CubePicture {
  let size: SIMD2<Int>
  let pixels: [SIMD3<UInt8>]

  init(_ path: String) throws {
    let channels = try PNG.readImage(path)
    size = SIMD2(channels[0].geometry.size.x, channels[0].geometry.size.y)
    pixels = channels[0].voxels.indices.map { place in
      SIMD3(channels.map { UInt8($0.voxels[place]) })
    }
  }

  /// Where a colour is, in pixels of the tile that begins at `corner`.
  func places(_ colour: SIMD3<UInt8>, corner: SIMD2<Int>, side: Int) -> Set<SIMD2<Int>> {
    var places: Set<SIMD2<Int>> = []
    for y in 0..<side {
      for x in 0..<side where pixels[(corner.y + y) * size.x + corner.x + x] == colour {
        places.insert(SIMD2(x, y))
      }
    }
    return places
  }
}
