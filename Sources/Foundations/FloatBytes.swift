import Foundation

/// Float32 values as the little-endian bytes of files and messages.
package enum FloatBytes {
  /// Four bytes a value, least significant first, whatever the machine's own order.
  package static func data(_ values: [Float]) -> Data {
    #if _endian(little)
      return values.withUnsafeBytes { Data($0) }
    #else
      var swapped = values.map { $0.bitPattern.littleEndian }
      return swapped.withUnsafeMutableBytes { Data($0) }
    #endif
  }

  /// The values of `bytes`, whose count must be a multiple of 4. Bit patterns are kept, also of NaNs.
  package static func floats(_ bytes: Data) -> [Float] {
    precondition(bytes.count % 4 == 0, "\(bytes.count) bytes are not whole Float32 values")
    let count = bytes.count / 4
    if count == 0 { return [] }
    return [Float](unsafeUninitializedCapacity: count) { target, initialized in
      let raw = UnsafeMutableRawBufferPointer(target)
      bytes.copyBytes(to: raw)
      #if !_endian(little)
        for index in 0..<count {
          let pattern = raw.load(fromByteOffset: 4 * index, as: UInt32.self)
          raw.storeBytes(of: UInt32(littleEndian: pattern), toByteOffset: 4 * index, as: UInt32.self)
        }
      #endif
      initialized = count
    }
  }
}
