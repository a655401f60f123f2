import Foundations

/// Which elements of a tensor are sent.
enum Sparsity {
  /// How many of `count` elements a share of them is, at least one.
  static func number(_ fraction: Double, of count: Int) -> Int {
    min(count, max(1, Int((fraction * Double(count)).rounded(.up))))
  }

  /// The `number` elements of largest size; of equals the first.
  static func largest(_ number: Int, of values: [Float]) -> [Bool] {
    // Sizes are ordered as their bit patterns: the threshold by two counts of 16 bits each.
    func size(_ value: Float) -> UInt32 { value.bitPattern & 0x7FFF_FFFF }
    let upper = level(number, values.lazy.map { Int(size($0) >> 16) })
    let lower = level(
      number - upper.above,
      values.lazy.filter { Int(size($0) >> 16) == upper.level }.map { Int(size($0) & 0xFFFF) })
    let threshold = UInt32(upper.level) << 16 | UInt32(lower.level)
    var equals = number - upper.above - lower.above
    return values.map { value in
      if size(value) == threshold {
        equals -= 1
        return equals >= 0
      }
      return size(value) > threshold
    }
  }

  /// The level at which the `number` highest end, and how many lie above it.
  private static func level(_ number: Int, _ levels: some Sequence<Int>) -> (level: Int, above: Int) {
    var counts = [Int](repeating: 0, count: 1 << 16)
    for level in levels { counts[level] += 1 }
    var above = 0
    for level in stride(from: (1 << 16) - 1, to: 0, by: -1) {
      if above + counts[level] >= number { return (level, above) }
      above += counts[level]
    }
    return (0, above)
  }

  /// `number` of `count` elements, each as likely (Knuth's algorithm S); the same at both ends.
  static func random(_ number: Int, of count: Int, _ stream: inout RandomStream) -> [Bool] {
    var left = number
    return (0..<count).map { index in
      guard left > 0, stream.integer(below: count - index) < left else { return false }
      left -= 1
      return true
    }
  }

  /// Passes which elements are kept; nil where what is read cannot be.
  static func pass<Port: SymbolPort>(_ kept: [Bool], row: Int, _ port: inout Port) -> [Bool]? {
    Port.isEntropyCoded ? passFlags(kept, row: row, &port) : passGaps(kept, &port)
  }

  /// A flag for each, learned from those of its neighbours: the two before it, and the one a `row` before.
  private static func passFlags<Port: SymbolPort>(_ kept: [Bool], row: Int, _ port: inout Port) -> [Bool] {
    var result = kept
    for index in kept.indices {
      var rank = index > 0 && result[index - 1] ? 1 : 0
      if index > 1 && result[index - 2] { rank += 1 }
      if index >= row && result[index - row] { rank += 1 }
      result[index] = port.pass(kept[index] ? 1 : 0, bits: 1, context: SymbolContext(.kept, rank)) == 1
    }
    return result
  }

  /// How many, then the gap before each in Rice's code, whose parameter follows from the number.
  private static func passGaps<Port: SymbolPort>(_ kept: [Bool], _ port: inout Port) -> [Bool]? {
    let places = kept.indices.filter { kept[$0] }
    let number = Int(port.pass(word: UInt32(places.count)))
    guard number <= kept.count else { return nil }
    var result = [Bool](repeating: false, count: kept.count)
    let low =
      (kept.count / max(1, number)).bitWidth - max(1, kept.count / max(1, number)).leadingZeroBitCount - 1
    var next = 0
    for place in 0..<number {
      let gap = Port.isWriter ? places[place] - next : 0
      var quotient = 0
      while port.pass(quotient < gap >> low) {
        quotient += 1
        if quotient << low > kept.count { return nil }
      }
      var rest = 0
      for bit in 0..<low where port.pass(gap >> bit & 1 == 1) { rest |= 1 << bit }
      next += quotient << low | rest
      guard next < kept.count else { return nil }
      result[next] = true
      next += 1
    }
    return result
  }
}
