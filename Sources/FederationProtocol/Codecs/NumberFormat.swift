import Foundations

/// How the numbers of a message are written.
package enum NumberFormat: Sendable, Equatable {
  /// IEEE 754 single precision: nothing is lost.
  case float32
  /// IEEE 754 half precision, to the nearest even; beyond 65504 the nearest there is.
  case float16
  /// The upper half of single precision, to the nearest even.
  case bfloat16
  /// −127…127 times a scale for each channel, rounded up or down at random so that the mean is right (QSGD, arXiv 1610.02132).
  case int8
  /// −7…7 likewise.
  case int4
  /// The sign times the mean size for each channel (signSGD, arXiv 1802.04434, with error feedback, arXiv 1901.09847).
  case sign
  /// Whole multiples of a step, to the nearest; the step in root mean squares of the tensor. With entropy coding close to the best
  /// there is for its bits (Gish & Pierce 1968).
  case uniform(step: Double)

  /// As chains have it.
  var name: String {
    switch self {
    case .float32: "fp32"
    case .float16: "fp16"
    case .bfloat16: "bf16"
    case .int8: "int8"
    case .int4: "int4"
    case .sign: "sign"
    case .uniform: "uniform"
    }
  }

  /// With its parameter.
  var text: String {
    if case .uniform(let step) = self { return "\(name):step=\(step)" }
    return name
  }

  /// What vectors are written in.
  var ofVectors: NumberFormat {
    switch self {
    case .sign: .int8
    case .uniform(let step): .uniform(step: min(step, 0.25))
    default: self
    }
  }

  /// Whether small numbers come out as none, or as something else.
  var leavesOut: Bool {
    switch self {
    case .sign, .uniform: true
    default: false
    }
  }

  /// Those without a parameter.
  static let plain: [NumberFormat] = [.float32, .float16, .bfloat16, .int8, .int4, .sign]

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
    _ values: [Float], groups: Int, group: (Int) -> Int, places: NumberPlaces? = nil, _ port: inout Port
  ) -> [Float] {
    switch format {
    case .float32: values.map { Float(bitPattern: port.pass(word: $0.bitPattern)) }
    case .float16: values.map { Self.half(port.pass(half: Self.halfPattern($0))) }
    case .bfloat16: values.map { Float(bitPattern: port.pass(half: Self.brainPattern($0)) << 16) }
    case .int8, .int4: passWhole(values, groups, group, &port)
    case .sign: passSigns(values, groups, group, &port)
    case .uniform(let step): passSteps(values, step, places ?? NumberPlaces(shape: [values.count]), &port)
    }
  }

  /// All of a tensor share a step: of all allotments of bits to channels that has the least error. What is one step comes out as the
  /// mean of all that are (Lloyd 1982): coarse steps would make changes larger than they are.
  private func passSteps<Port: SymbolPort>(
    _ values: [Float], _ step: Double, _ places: NumberPlaces, _ port: inout Port
  ) -> [Float] {
    var (size, single): (Float, Float) = (0, 0)
    var levels = [Int32](repeating: 0, count: values.count)
    if Port.isWriter { (size, single, levels) = Self.levels(values, step) }
    size = Float(bitPattern: port.pass(word: size.bitPattern))
    single = Float(bitPattern: port.pass(word: single.bitPattern))
    var neighbourhood = LevelNeighbourhood(places)
    for index in levels.indices {
      levels[index] = pass(level: levels[index], neighbourhood.rank, order: neighbourhood.order, &port)
      neighbourhood.add(levels[index])
    }
    return levels.map { level in
      abs(level) == 1 ? Float(level) * single : Float(level) * size
    }
  }

  /// The step, the mean size of what is one step, and how many steps each number is.
  private static func levels(_ values: [Float], _ step: Double) -> (Float, Float, [Int32]) {
    let squares = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    // The largest is one step at least: what is left out adds up, and must be sent some day.
    let largest = 1.99 * (values.map { abs($0) }.max() ?? 0)
    let size = min(Float((squares / Double(max(1, values.count))).squareRoot() * step), largest)
    guard size > 0 && size.isFinite else { return (0, 0, values.map { _ in 0 }) }
    let limit = Float(mostSteps)
    var (sum, count) = (0.0, 0)
    let levels = values.map { value in
      let level = Int32(min(max((value / size).rounded(.toNearestOrAwayFromZero), -limit), limit))
      if abs(level) == 1 {
        sum += Double(abs(value))
        count += 1
      }
      return level
    }
    return (size, Float(sum / Double(max(1, count))), levels)
  }

  private static let mostSteps: Int32 = 255

  /// Whether it is 0, its sign, and how often it is more: as many bits as the number is likely.
  private func pass<Port: SymbolPort>(
    level: Int32, _ rank: Int, order: Int, _ port: inout Port
  ) -> Int32 {
    let none = SymbolContext(.step, order * LevelNeighbourhood.ranks + rank)
    if port.pass(level == 0 ? 0 : 1, bits: 1, context: none) == 0 { return 0 }
    let isNegative = port.pass(level < 0)
    var size: Int32 = 1
    while size < Self.mostSteps {
      let context = SymbolContext(.more, size == 1 ? rank : LevelNeighbourhood.ranks + min(Int(size), 8))
      if port.pass(abs(level) > size ? 1 : 0, bits: 1, context: context) == 0 { break }
      size += 1
    }
    return isNegative ? -size : size
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
