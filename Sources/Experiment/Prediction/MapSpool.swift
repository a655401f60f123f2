import Foundation
import Foundations
import Harmonization
import Imaging
import Synchronization

/// Maps of a case on disk while they are made, in the box's harmonised orientation: a file without a name, beside the output.
///
/// Slices are written as they come and read again in the scan's own order, a block at a time.
final class MapSpool: Sendable {
  /// Voxels along x, y, z of the box in the harmonised orientation.
  let size: SIMD3<Int>
  private let path: String
  private let descriptor: Int32

  /// Throws `FileError.notWritable` where no file can be made beside `path`.
  init(_ size: SIMD3<Int>, beside path: String) throws {
    self.size = size
    self.path = path
    let name = path + ".part-\(getpid())-maps"
    descriptor = open(name, O_RDWR | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else {
      throw FileError.notWritable(path: path, reason: String(cString: strerror(errno)))
    }
    // The file lives as long as it is open: whatever ends the program, nothing stays.
    unlink(name)
  }

  deinit { close(descriptor) }

  private func offset(_ map: Int, x: Int, y: Int, z: Int) -> Int {
    (((map * size.z + z) * size.y + y) * size.x + x) * MemoryLayout<Float>.stride
  }

  /// Keeps slice z of a map. Throws `FileError.notWritable`.
  func write(_ values: UnsafeBufferPointer<Float>, map: Int, slice z: Int) throws {
    let bytes = UnsafeRawBufferPointer(values)
    try transfer(bytes.count, at: offset(map, x: 0, y: 0, z: z)) { done, place in
      pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(place))
    }
  }

  /// A box of a map, x fastest, then y, then z. Throws `FileError.notWritable` where the disk fails.
  func values(_ map: Int, in box: GridBox) throws -> [Float] {
    var values = [Float](repeating: 0, count: box.size.x * box.size.y * box.size.z)
    let isWholeRows = box.size.x == size.x
    // What lies together in the file is read together: all, slices, or rows.
    let slices = isWholeRows && box.size.y == size.y ? box.size.z : 1
    let rows = isWholeRows ? box.size.y : 1
    let length = box.size.x * rows * slices
    let pieces = values.count / max(1, length)
    try values.withUnsafeMutableBytes { bytes in
      for piece in 0..<pieces {
        let row = piece * rows * slices
        let (y, z) = (row % box.size.y, row / box.size.y)
        let start = offset(map, x: box.origin.x, y: box.origin.y + y, z: box.origin.z + z)
        let target = bytes.baseAddress! + piece * length * MemoryLayout<Float>.stride
        let count = length * MemoryLayout<Float>.stride
        try transfer(count, at: start) { done, place in
          pread(descriptor, target + done, count - done, off_t(place))
        }
      }
    }
    return values
  }

  private func transfer(_ count: Int, at start: Int, _ step: (_ done: Int, _ place: Int) -> Int) throws {
    var done = 0
    while done < count {
      let moved = step(done, start + done)
      if moved < 0 && errno == EINTR { continue }
      guard moved > 0 else {
        let reason = moved < 0 ? String(cString: strerror(errno)) : "its temporary file ends early"
        throw FileError.notWritable(path: path, reason: reason)
      }
      done += moved
    }
  }
}
