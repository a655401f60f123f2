/// One end of a stream of small numbers. A writer writes the number that it is given and returns it; a reader returns the one that was
/// written. So one function describes a format for both ends, and they cannot disagree.
protocol SymbolPort {
  static var isWriter: Bool { get }
  /// Whether likely numbers take less room: what is 0 mostly is passed as it is, not as gaps.
  static var isEntropyCoded: Bool { get }
  /// Bytes written or read so far.
  var byteCount: Int { get }

  /// Passes a number of `bits` bits, 1 to 8. `context` names a set of numbers that are distributed alike.
  mutating func pass(_ symbol: UInt32, bits: Int, context: SymbolContext) -> UInt32
  /// Passes a bit that is as often 0 as 1.
  mutating func pass(_ bit: Bool) -> Bool
}

/// Which numbers are distributed alike; `rank` tells neighbourhoods apart.
struct SymbolContext {
  /// The most ranks of one kind.
  static let ranks = 128

  enum Kind: Int, CaseIterable {
    case kept, integer, sign, byte, step, more
  }

  let kind: Kind
  let rank: Int

  init(_ kind: Kind, _ rank: Int = 0) {
    self.kind = kind
    self.rank = rank
  }

  /// Its place among the trees of all contexts.
  var index: Int { kind.rawValue * Self.ranks + rank }
}

extension SymbolPort {
  /// Passes 32 bits by bytes, the highest first.
  mutating func pass(word: UInt32) -> UInt32 {
    var result: UInt32 = 0
    for byte in 0..<4 {
      let value = word >> UInt32(24 - 8 * byte) & 0xFF
      result = result << 8 | pass(value, bits: 8, context: SymbolContext(.byte, byte))
    }
    return result
  }
}

/// For each context a tree of bits: the bits of a number so far choose what the next one is learned from (as in LZMA).
private struct SymbolTrees {
  private var nodes: [AdaptiveBit]

  init() {
    nodes = Array(
      repeating: AdaptiveBit(), count: SymbolContext.Kind.allCases.count * SymbolContext.ranks * 256)
  }

  subscript(context: Int, node: Int) -> AdaptiveBit {
    get { nodes[context << 8 | node] }
    set { nodes[context << 8 | node] = newValue }
  }
}

struct EntropyWriter: SymbolPort {
  static let isWriter = true
  static let isEntropyCoded = true
  private var encoder = RangeEncoder()
  private var trees = SymbolTrees()

  var byteCount: Int { encoder.count }

  mutating func pass(_ symbol: UInt32, bits: Int, context: SymbolContext) -> UInt32 {
    var node = 1
    for place in stride(from: bits - 1, through: 0, by: -1) {
      let isOne = symbol >> UInt32(place) & 1 == 1
      encoder.encode(isOne, zeroShare: trees[context.index, node].zeroShare)
      trees[context.index, node].learn(isOne)
      node = node << 1 | (isOne ? 1 : 0)
    }
    return symbol
  }

  mutating func pass(_ bit: Bool) -> Bool {
    encoder.encode(bit, zeroShare: 1 << 15)
    return bit
  }

  mutating func finish() -> [UInt8] {
    encoder.finish()
    return encoder.bytes
  }
}

struct EntropyReader: SymbolPort {
  static let isWriter = false
  static let isEntropyCoded = true
  private var decoder: RangeDecoder
  private var trees = SymbolTrees()

  init(_ bytes: [UInt8]) { decoder = RangeDecoder(bytes) }

  var byteCount: Int { decoder.position }
  var isAtEnd: Bool { decoder.isAtEnd }

  mutating func pass(_ symbol: UInt32, bits: Int, context: SymbolContext) -> UInt32 {
    var node = 1
    for _ in 0..<bits {
      let isOne = decoder.decode(zeroShare: trees[context.index, node].zeroShare)
      trees[context.index, node].learn(isOne)
      node = node << 1 | (isOne ? 1 : 0)
    }
    return UInt32(node) - (1 << UInt32(bits))
  }

  mutating func pass(_ bit: Bool) -> Bool { decoder.decode(zeroShare: 1 << 15) }
}

/// Numbers in as many bits as they have, one after the other, the lowest bit first.
struct PackedWriter: SymbolPort {
  static let isWriter = true
  static let isEntropyCoded = false
  private(set) var bytes: [UInt8] = []
  private var used = 8

  var byteCount: Int { bytes.count }

  mutating func pass(_ symbol: UInt32, bits: Int, context: SymbolContext) -> UInt32 {
    if bits == 8 && used == 8 {
      bytes.append(UInt8(truncatingIfNeeded: symbol))
    } else {
      for place in 0..<bits { _ = pass(symbol >> UInt32(place) & 1 == 1) }
    }
    return symbol
  }

  mutating func pass(_ bit: Bool) -> Bool {
    if used == 8 {
      bytes.append(0)
      used = 0
    }
    if bit { bytes[bytes.count - 1] |= 1 << UInt8(used) }
    used += 1
    return bit
  }
}

struct PackedReader: SymbolPort {
  static let isWriter = false
  static let isEntropyCoded = false
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var byteCount: Int { (position + 7) / 8 }
  var isAtEnd: Bool { byteCount >= bytes.count }
  /// Whether more was asked for than there is.
  var isBeyondEnd: Bool { position > 8 * bytes.count }

  mutating func pass(_ symbol: UInt32, bits: Int, context: SymbolContext) -> UInt32 {
    if bits == 8 && position & 7 == 0 && position >> 3 < bytes.count {
      defer { position += 8 }
      return UInt32(bytes[position >> 3])
    }
    var result: UInt32 = 0
    for place in 0..<bits where pass(false) { result |= 1 << UInt32(place) }
    return result
  }

  mutating func pass(_ bit: Bool) -> Bool {
    defer { position += 1 }
    return position >> 3 < bytes.count && bytes[position >> 3] >> UInt8(position & 7) & 1 == 1
  }
}
