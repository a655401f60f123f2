import Foundation
import Foundations
import Imaging

/// A small valid file, and what must be known of it to damage it well.
struct NIfTISeed {
  let bytes: [UInt8]
  let version: Int
  let isBigEndian: Bool

  /// Bytes of the header with the four that say whether extensions follow.
  var headerBytes: Int { version == 1 ? 352 : 544 }

  /// Every data type in both versions and byte orders, plain, scaled and of three volumes.
  static func all(folder: String) throws -> [NIfTISeed] {
    var seeds: [NIfTISeed] = []
    for type in NIfTIDataType.allCases {
      for version in [1, 2] {
        for order in [NIfTIWriteOptions.ByteOrder.little, .big] {
          for kind in Kind.allCases { seeds.append(try make(kind, type, version, order, folder)) }
        }
      }
    }
    return seeds
  }

  private enum Kind: CaseIterable { case plain, scaled, stack }

  private static func make(
    _ kind: Kind, _ type: NIfTIDataType, _ version: Int, _ order: NIfTIWriteOptions.ByteOrder,
    _ folder: String
  ) throws -> NIfTISeed {
    let size = SIMD3(6, 5, kind == .stack ? 12 : 4)
    let affine = Imaging.AffineTransform(spacing: SIMD3(1.2, 0.9, 3), origin: SIMD3(-12, 30, 7))
    let voxels = (0..<size.x * size.y * size.z).map { Float($0 % 7) }
    let options = NIfTIWriteOptions(
      dataType: type, slope: kind == .scaled ? 0.5 : 1, intercept: kind == .scaled ? -1 : 0, byteOrder: order,
      version: version)
    let path = folder + "/seed.nii"
    try NIfTI.write(
      Volume(geometry: Geometry(size: size, affine: affine), voxels: voxels), to: path, options: options)
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let isBigEndian = order == .big
    if kind == .stack {
      for (axis, length) in [4, 6, 5, 4, 3].enumerated() {
        if version == 1 { bytes.put(Int16(length), at: 40 + 2 * axis, bigEndian: isBigEndian) }
        if version == 2 { bytes.put(Int64(length), at: 16 + 8 * axis, bigEndian: isBigEndian) }
      }
    }
    return NIfTISeed(bytes: bytes, version: version, isBigEndian: isBigEndian)
  }

  /// The same file as header and image apart.
  func pair(_ bytes: [UInt8]) -> (header: [UInt8], image: [UInt8]) {
    let cut = min(headerBytes, bytes.count)
    var header = Array(bytes[..<cut])
    let magic = version == 1 ? 345 : 5
    if header.count > magic, header[magic] == UInt8(ascii: "+") { header[magic] = UInt8(ascii: "i") }
    if version == 1 { header.put(UInt32(0), at: 108, bigEndian: isBigEndian) }
    if version == 2 { header.put(UInt64(0), at: 168, bigEndian: isBigEndian) }
    return (header, Array(bytes[cut...]))
  }
}
