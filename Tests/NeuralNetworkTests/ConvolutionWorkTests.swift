import NeuralNetwork
import Tensor
import Testing

/// What strategies say that they multiply, against counts by hand.
struct ConvolutionWorkTests {
  /// 8×8 results, 16 channels in, 32 out: whole registers, and whole tiles of 2 and 4.
  private let shape = ConvolutionShape(
    input: TensorShape(batch: 2, depth: 1, height: 8, width: 8, channels: 16), outputChannels: 32,
    kernel: Axes(1, 3, 3), padding: Axes(0, 1, 1))

  private func counts(_ shape: ConvolutionShape, _ name: StrategyName) -> [Int] {
    let convolution = Convolution(shape, choice: ConvolutionChoice(override: name))
    return [
      convolution.forward.multiplyAdds, convolution.inputGradient.multiplyAdds,
      convolution.weightGradient.multiplyAdds,
    ]
  }

  @Test func directPathsMultiplyWhatIsAsked() {
    let asked = 2 * 64 * 9 * 16 * 32
    #expect(shape.multiplyAdds == asked)
    for name in [StrategyName.direct, .gather, .reference] {
      #expect(counts(shape, name) == [asked, asked, asked], "\(name)")
    }
  }

  /// F(m×m, 3×3) takes (m + 2)² products for m² results, where the definition takes 9 m².
  @Test(arguments: [2, 4, 6]) func winogradMultipliesLess(m: Int) {
    let tiles = 2 * ((8 + m - 1) / m) * ((8 + m - 1) / m)
    let made = (m + 2) * (m + 2) * tiles * 16 * 32
    #expect(counts(shape, .winograd(WinogradTile(Axes(1, m, m)))) == [made, made, made])
  }

  /// Four channels fill a quarter of a register, and the rest is multiplied for nothing.
  @Test func registersCountWhole() {
    let narrow = ConvolutionShape(
      input: TensorShape(batch: 1, depth: 1, height: 8, width: 8, channels: 16), outputChannels: 4,
      kernel: .one, padding: Axes(0, 0, 0))
    #expect(narrow.multiplyAdds == 64 * 16 * 4)
    #expect(counts(narrow, .direct)[0] == 64 * 16 * 16)
    #expect(counts(narrow, .gather)[0] == narrow.multiplyAdds)
  }

  /// Each phase of a strided input gradient sees its own taps: together as many as the forward pass.
  @Test func stridedGradientsMultiplyNothingTwice() {
    let strided = ConvolutionShape(
      input: TensorShape(batch: 1, depth: 1, height: 8, width: 8, channels: 3), outputChannels: 5,
      kernel: Axes(1, 3, 3), stride: Axes(1, 2, 2), padding: Axes(0, 1, 1))
    #expect(counts(strided, .gather)[1] == 64 / 4 * 9 * 3 * 5)
  }

  @Test func namesAreReadAsTheyAreWritten() {
    for text in ["direct", "gather", "reference", "winograd:1x4x4", "winograd:6x2x4"] {
      #expect(StrategyName(text)?.description == text)
    }
    #expect(StrategyName("winograd:1×4×4") == StrategyName("winograd:1x4x4"))
    for text in ["", "Direct", "winograd", "winograd:4x4", "winograd:3x3x3", "winograd:1x4x4x4"] {
      #expect(StrategyName(text) == nil, "\(text)")
    }
  }

  @Test func reasonsAreTold() {
    var choice = ConvolutionChoice()
    let decision = choice.decision(shape, .forward)
    #expect(decision.reason == .model)
    #expect(
      decision.candidates.first { $0.strategy == decision.strategy }?.cycles
        == decision.candidates.map(\.cycles).min())
    choice.override = .gather
    #expect(choice.decision(shape, .forward).reason == .override)
    choice.table[ConvolutionChoice.Key(shape: shape, pass: .forward)] = .direct
    #expect(choice.decision(shape, .forward).reason == .table)
    #expect(choice.strategy(shape, .forward) == .direct && choice.strategy(shape, .inputGradient) == .gather)
    // A strategy that does not serve a shape is not taken.
    choice = ConvolutionChoice(override: .winograd(WinogradTile(Axes(4, 4, 4))))
    #expect(choice.decision(shape, .forward).reason == .model)
  }
}
