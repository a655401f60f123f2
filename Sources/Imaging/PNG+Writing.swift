import CPNG
import Foundation
import Foundations

extension PNG {
  package enum BitDepth: Int, Sendable {
    case eight = 8
    case sixteen = 16
  }

  /// How a label map is kept: indices into a palette that viewers show in colour, or grey values.
  package enum LabelStyle: Sendable { case palette, grey }

  /// Writes one slice as grey, rounded to whole numbers and held within the depth; equal input gives equal
  /// bytes.
  ///
  /// The volume's size along k is 1. Throws `FileError.notWritable`.
  package static func write(_ image: Volume, to path: String, depth: BitDepth) throws {
    let highest: Float = depth == .eight ? 255 : 65535
    let samples = image.voxels.map { UInt16(min(max($0, 0), highest).rounded(.toNearestOrEven)) }
    try write(samples, image.geometry.size, depth, palette: nil, path)
  }

  /// Writes one slice of labels: 8 bits, or grey of 16 bits where a label is above 255.
  ///
  /// The map's size along k is 1. Throws `FileError.notWritable`.
  package static func write(_ labels: LabelVolume, to path: String, style: LabelStyle) throws {
    let isWide = labels.labels.contains { $0 > 255 }
    try write(
      labels.labels, labels.geometry.size, isWide ? .sixteen : .eight,
      palette: style == .palette && !isWide ? palette : nil, path)
  }

  /// Writes a picture in colour, 8 bits a sample: red, green, blue of each pixel, row by row; equal input gives equal bytes.
  ///
  /// Throws `FileError.notWritable`.
  package static func write(colours: [UInt8], width: Int, height: Int, to path: String) throws {
    precondition(colours.count == width * height * 3, "a picture in colour has three samples a pixel")
    let data = try encoded(
      colours.map { UInt16($0) }, SIMD3(width, height, 1), .eight, channels: 3, palette: nil, path)
    try AtomicFile.write(data, to: path)
  }

  /// The bytes of a picture of 8 bits a sample, row by row: grey of one channel, or red, green, blue of three.
  package static func data(of samples: [UInt8], width: Int, height: Int, channels: Int) -> Data {
    precondition(
      [1, 3].contains(channels) && samples.count == width * height * channels && !samples.isEmpty,
      "samples for each pixel")
    let data = try? encoded(
      samples.map { UInt16($0) }, SIMD3(width, height, 1), .eight, channels: channels, palette: nil,
      "a picture")
    guard let data else { preconditionFailure("no memory for a picture") }
    return data
  }

  /// The colour in which label maps written with a palette show a label: red, green, blue.
  package static func colour(ofLabel label: UInt16) -> SIMD3<UInt8> {
    let entry = 3 * Int(label > 255 ? label % 255 + 1 : label)
    return SIMD3(palette[entry], palette[entry + 1], palette[entry + 2])
  }

  /// Black for background, then colours that differ strongly from their neighbours.
  private static let palette: [UInt8] = {
    let first: [UInt8] = [
      0, 0, 0, 230, 75, 53, 77, 187, 213, 0, 160, 135, 255, 200, 60, 132, 94, 194, 243, 155, 127, 60, 84, 136,
    ]
    let rest: [UInt8] = (first.count / 3..<256).flatMap { (label: Int) -> [UInt8] in
      [67, 151, 211].map { (step: Int) -> UInt8 in UInt8(label * step % 200 + 55) }
    }
    return first + rest
  }()

  private static func write(
    _ samples: [UInt16], _ size: SIMD3<Int>, _ depth: BitDepth, palette: [UInt8]?, _ path: String
  ) throws {
    try AtomicFile.write(encoded(samples, size, depth, channels: 1, palette: palette, path), to: path)
  }

  private static func encoded(
    _ samples: [UInt16], _ size: SIMD3<Int>, _ depth: BitDepth, channels: Int, palette: [UInt8]?,
    _ path: String
  ) throws -> Data {
    precondition(size.z == 1, "a PNG holds one slice")
    var file: UnsafeMutablePointer<UInt8>?
    var count = 0
    var message = [CChar](repeating: 0, count: Int(segfed_png_message_size))
    let write = { (palette: UnsafePointer<UInt8>?) in
      segfed_png_write(
        UInt32(size.x), UInt32(size.y), Int32(channels), Int32(depth.rawValue), palette, samples, &file,
        &count, &message)
    }
    let code = palette.map { $0.withUnsafeBufferPointer { write($0.baseAddress) } } ?? write(nil)
    guard code == Int32(segfed_png_ok), let file else {
      throw FileError.notWritable(path: path, reason: "libpng code \(code)")
    }
    return Data(bytesNoCopy: file, count: count, deallocator: .free)
  }
}
