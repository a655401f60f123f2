import Foundations

/// How the numbers of a message are written.
package enum NumberFormat: String, Sendable, Equatable, CaseIterable {
  /// IEEE 754 single precision: nothing is lost.
  case float32 = "fp32"
  /// IEEE 754 half precision, to the nearest even; beyond 65504 the nearest there is.
  case float16 = "fp16"
  /// The upper half of single precision, to the nearest even.
  case bfloat16 = "bf16"
  /// −127…127 times a scale for each channel, rounded up or down at random so that the mean is right (QSGD, arXiv 1610.02132).
  case int8
  /// −7…7 likewise.
  case int4
  /// The sign times the mean size for each channel (signSGD, arXiv 1802.04434, with error feedback, arXiv 1901.09847).
  case sign

  /// The largest whole number that stands for a value; nil of those that are no whole numbers.
  var levels: Int32? {
    switch self {
    case .int8: 127
    case .int4: 7
    default: nil
    }
  }
}

/// Passes groups of numbers through a port in one format; each group has a scale of its own where the format has scales.
struct NumberCoder {
  let format: NumberFormat
  /// What numbers are rounded by.
  var stream: RandomStream

  /// The numbers as the other end has them. `values` may hold anything where the port reads.
  ///
  /// A group is the elements at `group(0)`, `group(1)` … of `values`; `groups` of them.
  mutating func pass<Port: SymbolPort>(
    _ values: [Float], groups: Int, group: (Int) -> Int, _ port: inout Port
  ) -> [Float] {
    switch format {
    case .float32: values.map { Float(bitPattern: port.pass(word: $0.bitPattern)) }
    case .float16: values.map { Self.half(port.pass(half: Self.halfPattern($0))) }
    case .bfloat16: values.map { Float(bitPattern: port.pass(half: Self.brainPattern($0)) << 16) }
    case .int8, .int4: passWhole(values, groups, group, &port)
    case .sign: passSigns(values, groups, group, &port)
    }
  }

  private mutating func passWhole<Port: SymbolPort>(
    _ values: [Float], _ groups: Int, _ group: (Int) -> Int, _ port: inout Port
  ) -> [Float] {
    guard let levels = format.levels else { return values }
    let bits = format == .int8 ? 8 : 4
    var scales = [Float](repeating: 0, count: groups)
    if Port.isWriter {
      for (index, value) in values.enumerated() {
        scales[group(index)] = max(scales[group(index)], abs(value))
      }
      scales = scales.map { $0 / Float(levels) }
    }
    scales = scales.map { Float(bitPattern: port.pass(word: $0.bitPattern)) }
    var result = values
    var before: Int32 = 0
    for index in values.indices {
      let scale = scales[group(index)]
      var level: Int32 = 0
      if Port.isWriter && scale > 0 && scale.isFinite {
        let share = Float(stream.nextUInt32() >> 8) * 0x1p-24
        level = Int32(min(max((values[index] / scale + share).rounded(.down), Float(-levels)), Float(levels)))
      }
      let symbol = port.pass(
        UInt32(bitPattern: level &+ levels), bits: bits, context: SymbolContext(.integer, Self.rank(before)))
      level = Int32(bitPattern: symbol) &- levels
      before = level
      result[index] = Float(level) * scale
    }
    return result
  }

  private static func rank(_ level: Int32) -> Int {
    switch abs(level) {
    case 0: 0
    case 1: 1
    case 2...3: 2
    case 4...7: 3
    case 8...15: 4
    case 16...31: 5
    default: 6
    }
  }

  private func passSigns<Port: SymbolPort>(
    _ values: [Float], _ groups: Int, _ group: (Int) -> Int, _ port: inout Port
  ) -> [Float] {
    var scales = [Float](repeating: 0, count: groups)
    if Port.isWriter {
      var sums = [Double](repeating: 0, count: groups)
      var counts = [Int](repeating: 0, count: groups)
      for (index, value) in values.enumerated() {
        sums[group(index)] += Double(abs(value))
        counts[group(index)] += 1
      }
      scales = zip(sums, counts).map { Float($0 / Double(max(1, $1))) }
    }
    scales = scales.map { Float(bitPattern: port.pass(word: $0.bitPattern)) }
    var result = values
    var before: UInt32 = 0
    for index in values.indices {
      let bit = port.pass(values[index] < 0 ? 1 : 0, bits: 1, context: SymbolContext(.sign, Int(before)))
      before = bit
      result[index] = bit == 1 ? -scales[group(index)] : scales[group(index)]
    }
    return result
  }

  private static func halfPattern(_ value: Float) -> UInt32 {
    UInt32(Float16(min(max(value, -65504), 65504)).bitPattern)
  }

  private static func half(_ pattern: UInt32) -> Float { Float(Float16(bitPattern: UInt16(pattern))) }

  /// To the nearest, ties to even; the largest numbers keep being finite.
  private static func brainPattern(_ value: Float) -> UInt32 {
    let bits = value.bitPattern
    let rounded = (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
    return rounded & 0x7F80 == 0x7F80 ? bits >> 16 : rounded
  }
}

extension SymbolPort {
  /// Passes 16 bits by bytes, the higher first.
  fileprivate mutating func pass(half: UInt32) -> UInt32 {
    let high = pass(half >> 8, bits: 8, context: SymbolContext(.byte, 4))
    return high << 8 | pass(half & 0xFF, bits: 8, context: SymbolContext(.byte, 5))
  }
}
