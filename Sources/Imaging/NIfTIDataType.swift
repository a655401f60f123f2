/// The numeric voxel types of NIfTI that segfed reads and writes; raw values are the standard's codes.
package enum NIfTIDataType: Int, Sendable, CaseIterable {
  case uint8 = 2
  case int16 = 4
  case int32 = 8
  case float32 = 16
  case float64 = 64
  case int8 = 256
  case uint16 = 512
  case uint32 = 768
  case int64 = 1024
  case uint64 = 1280

  /// Bytes of one voxel.
  package var byteCount: Int {
    switch self {
    case .uint8, .int8: 1
    case .int16, .uint16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// The standard's name of a code that segfed does not read, for messages.
  static func name(ofUnsupported code: Int) -> String {
    switch code {
    case 0: "unknown"
    case 1: "binary"
    case 32: "complex64"
    case 128: "rgb24"
    case 1536: "float128"
    case 1792: "complex128"
    case 2048: "complex256"
    case 2304: "rgba32"
    default: "not in the standard"
    }
  }
}
