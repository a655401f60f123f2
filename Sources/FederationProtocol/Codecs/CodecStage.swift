import Foundations

/// One stage of a chain, as `segfed codecs` lists it.
package struct CodecStage: Sendable, Equatable {
  package let name: String
  package let summary: String
  /// Where it stands.
  package let paper: String
  package let parameters: [NumberParameter]
  /// Whether messages of several sites can be added as they are, without decoding any.
  package let isAdditive: Bool
  /// Where in a chain it stands; two stages of one place exclude each other.
  let place: Place

  /// The order of a chain.
  enum Place: Int, Comparable, CaseIterable {
    case difference, transform, selection, numbers, coding

    static func < (first: Place, second: Place) -> Bool { first.rawValue < second.rawValue }
  }

  /// All stages, in the order in which a chain has them.
  package static let all: [CodecStage] =
    [
      CodecStage(
        name: "delta", summary: "the change against the model that both ends have; updates always are",
        paper: "", parameters: [], isAdditive: true, place: .difference),
      CodecStage(
        name: "dct", summary: "each kernel's taps as their cosine transform: taps side by side change alike",
        paper: "Ahmed et al. 1974", parameters: [], isAdditive: true, place: .transform),
      CodecStage(
        name: "topk", summary: "the largest numbers of each tensor alone",
        paper: "DGC, 1712.01887; 1901.09847", parameters: [fraction(0.01)], isAdditive: false,
        place: .selection),
      CodecStage(
        name: "randk", summary: "some numbers of each tensor, drawn anew each round",
        paper: "1901.09847", parameters: [fraction(0.05)], isAdditive: true, place: .selection),
      CodecStage(
        name: "lowrank", summary: "each tensor as a product of two thin matrices",
        paper: "PowerSGD, 1905.13727",
        parameters: [
          NumberParameter("rank", default: 4, range: 1...64, isWhole: true, meaning: "columns of each matrix")
        ], isAdditive: false, place: .selection),
    ] + NumberFormat.plain.map(numbers) + [
      CodecStage(
        name: "uniform", summary: "whole multiples of a step, to the nearest; most are 0, for entropy",
        paper: "Gish & Pierce 1968",
        parameters: [
          NumberParameter(
            "step", default: 1.5, range: 0.01...100, meaning: "of the tensor's root mean square")
        ], isAdditive: false, place: .numbers),
      CodecStage(
        name: "entropy",
        summary: "likely numbers and places in fewer bits, without loss (adaptive range coder)",
        paper: "Martin 1979", parameters: [], isAdditive: false, place: .coding),
    ]

  /// Which stages a chain may have, in its order: one of each bracket, or none.
  package static var grammar: String {
    Place.allCases.map { place in
      "[" + all.filter { $0.place == place }.map(\.name).joined(separator: " | ") + "]"
    }.joined(separator: " ")
  }

  /// Stages that may stand behind another; all where it is nil, none where nobody knows it.
  package static func following(_ name: String?) -> [CodecStage] {
    guard let name else { return all }
    guard let stage = all.first(where: { $0.name == name }) else { return [] }
    return all.filter { $0.place > stage.place }
  }

  private static func fraction(_ value: Double) -> NumberParameter {
    NumberParameter(
      "fraction", default: value, range: 0.0001...1, meaning: "share of the elements that is sent")
  }

  private static func numbers(_ format: NumberFormat) -> CodecStage {
    let (summary, paper) =
      switch format {
      case .float32: ("single precision, as without a codec", "IEEE 754")
      case .float16: ("half precision", "IEEE 754")
      case .bfloat16: ("the upper half of single precision", "")
      case .int8: ("255 levels for each channel, rounded at random", "QSGD, 1610.02132")
      case .int4: ("15 levels for each channel, rounded at random", "QSGD, 1610.02132")
      case .sign: ("the sign times the channel's mean size", "1802.04434; 1901.09847")
      case .uniform: preconditionFailure("it has a parameter")
      }
    return CodecStage(
      name: format.name, summary: summary, paper: paper, parameters: [], isAdditive: format == .float32,
      place: .numbers)
  }
}
