import CPNG
import Foundation
import Foundations

/// Reading and writing of PNG pictures and label maps through libpng.
///
/// A picture is a grid of `(width, height, 1)` with 1 mm voxels: i runs along a row, j down the rows.
package enum PNG {}

// MARK: - Reading

extension PNG {
  /// Reads a picture: one volume for grey, three (red, green, blue) for RGB and palettes.
  ///
  /// Samples are as stored (0…255 or 0…65535, no gamma; grey under 8 bits is not stretched). An alpha
  /// channel is dropped. Throws `FileError` or `ImagingError`, before anything of the picture's size is
  /// allocated.
  package static func readImage(_ path: String, limits: ReadLimits = .standard) throws -> [Volume] {
    let file = try open(path, limits: limits)
    let channels = Int(file.info.channels)
    let samples = try samples(of: file, channels: channels, indices: false)
    let geometry = file.geometry
    return (0..<channels).map { channel in
      let voxels = (0..<geometry.count).map { Float(samples[$0 * channels + channel]) }
      return Volume(geometry: geometry, voxels: voxels)
    }
  }

  /// Reads a label map: the palette's index, or the grey value, as stored.
  ///
  /// Throws as `readImage`, and `ImagingError.colouredLabels` for an RGB picture.
  package static func readLabels(_ path: String, limits: ReadLimits = .standard) throws -> LabelVolume {
    let file = try open(path, limits: limits)
    if file.info.channels != 1 && file.info.has_palette == 0 {
      throw ImagingError.colouredLabels(path: path)
    }
    return LabelVolume(
      geometry: file.geometry, labels: try samples(of: file, channels: 1, indices: true))
  }

  /// What a picture's header says.
  package struct Header: Sendable, Equatable {
    /// Width, height, 1.
    package let size: SIMD3<Int>
    /// Bits of a sample.
    package let bitDepth: Int
    /// 1 grey, 3 in colour.
    package let channels: Int
    package let hasPalette: Bool
  }

  /// Reads and checks the header alone. Throws as `readImage`.
  package static func header(_ path: String, limits: ReadLimits = .standard) throws -> Header {
    let file = try open(path, limits: limits)
    return Header(
      size: file.geometry.size, bitDepth: Int(file.info.bit_depth), channels: Int(file.info.channels),
      hasPalette: file.info.has_palette != 0)
  }

  /// Whether a file's name is a picture's.
  package static func isNamed(_ path: String) -> Bool { path.lowercased().hasSuffix(".png") }

  /// The number of channels `readImage` will give: 1 or 3.
  package static func channelCount(_ path: String, limits: ReadLimits = .standard) throws -> Int {
    Int(try open(path, limits: limits).info.channels)
  }

  private struct PNGFile {
    let path: String
    let bytes: [UInt8]
    let info: segfed_png_info

    var geometry: Geometry {
      Geometry(
        size: SIMD3(Int(info.width), Int(info.height), 1), affine: AffineTransform(spacing: .one))
    }
  }

  private static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  /// A file's bytes, of which the first are PNG's. Throws as `readImage`.
  static func content(_ path: String, limits: ReadLimits) throws -> [UInt8] {
    guard isNamed(path) else {
      throw ImagingError.unsupportedExtension(path: path, expected: ".png")
    }
    let opened = try InflatingFile(path: path)
    if opened.diskBytes > limits.inflatedBytes {
      throw ImagingError.tooLarge(path: path, bytes: opened.diskBytes, ceiling: limits.inflatedBytes)
    }
    let bytes = try opened.storedBytes()
    guard bytes.starts(with: signature) else { throw ImagingError.notPNG(path: path) }
    return bytes
  }

  private static func open(_ path: String, limits: ReadLimits) throws -> PNGFile {
    let bytes = try content(path, limits: limits)
    var info = segfed_png_info()
    try call(path) { message in
      bytes.withUnsafeBytes { segfed_png_inspect($0.baseAddress, $0.count, &info, message) }
    }
    let stored = Int(info.width) * Int(info.height) * (Int(info.bit_depth) * Int(info.channels) + 7) / 8
    let needed = Int(info.width) * Int(info.height) * Int(info.channels) * MemoryLayout<Float>.size
    if needed > limits.inflatedBytes {
      throw ImagingError.tooLarge(path: path, bytes: needed, ceiling: limits.inflatedBytes)
    }
    // A palette or one bit a pixel takes a sixth or more of `stored`; deflate shrinks by 1032 at most.
    if stored / 24 > bytes.count * 1032 {
      throw ImagingError.corrupt(
        path: path, reason: "\(info.width)×\(info.height) pixels cannot be in \(bytes.count) bytes")
    }
    return PNGFile(path: path, bytes: bytes, info: info)
  }

  private static func samples(of file: PNGFile, channels: Int, indices: Bool) throws -> [UInt16] {
    var samples = [UInt16](repeating: 0, count: file.geometry.count * channels)
    try samples.withUnsafeMutableBufferPointer { samples in
      try call(file.path) { message in
        file.bytes.withUnsafeBytes {
          segfed_png_read(
            $0.baseAddress, $0.count, indices ? 1 : 0, samples.baseAddress, samples.count, message)
        }
      }
    }
    return samples
  }

  private static func call(_ path: String, _ body: (UnsafeMutablePointer<CChar>) -> Int32) throws {
    var message = [CChar](repeating: 0, count: Int(segfed_png_message_size))
    let code = message.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    if code != Int32(segfed_png_ok) {
      let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let reason = String(decoding: text, as: UTF8.self)
      throw ImagingError.corrupt(path: path, reason: reason.isEmpty ? "libpng code \(code)" : reason)
    }
  }
}
