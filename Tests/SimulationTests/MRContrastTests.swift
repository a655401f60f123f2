import Foundation
import Simulation
import Testing

/// The equations against numbers worked out apart from the code, from the textbook formulas.
@Suite struct MRContrastTests {
  @Test(arguments: [
    // PD (1 − e^(−TR/T1)) e^(−TE/T2), with TR 500, TE 12 and the tissue's values at 1.5 T.
    (Tissue.white, 0.3200969), (Tissue.grey, 0.2843648), (Tissue.fluid, 0.1115804),
  ])
  func spinEchoFollowsTheEquation(tissue: Tissue, expected: Double) {
    let sequence = PulseSequence(repetitionTime: 500, echoTime: 12)
    let values = tissue.at15Tesla
    let byLibrary =
      values.protonDensity * (1 - Foundation.exp(-500 / values.t1)) * Foundation.exp(-12 / values.t2)
    #expect(abs(sequence.signal(values) - byLibrary) < 1e-12)
    #expect(abs(sequence.signal(values) - expected) < 2e-4)
  }

  @Test func inversionRecoveryFollowsTheEquation() {
    let sequence = PulseSequence(repetitionTime: 9000, echoTime: 120, inversionTime: 2400)
    // .88 · |1 − 2 e^(−1.92) + e^(−7.2)| · e^(−.8)
    #expect(abs(sequence.signal(Tissue.edema.at15Tesla) - 0.2797546) < 1e-4)
  }

  @Test func inversionTimeNullsFluid() {
    for repetitionTime in [7650.0, 9000, 10350] {
      let sequence = PulseSequence.flair(repetitionTime: repetitionTime, echoTime: 120)
      #expect(sequence.signal(Tissue.fluid.at15Tesla) < 1e-9)
    }
    #expect(abs(PulseSequence.nullingTime(t1: 4200, repetitionTime: 9000) - 2445.4) < 1)
  }

  @Test func fluidStaysDarkInFLAIROnEveryScanner() throws {
    for profile in Profile.allCases {
      for site in profile.sites(seed: 3) {
        let flair = site.scanner.protocols.flair
        let fluid = flair.signal(Tissue.fluid.relaxation(tesla: site.scanner.fieldStrength))
        let white = flair.signal(Tissue.white.relaxation(tesla: site.scanner.fieldStrength))
        #expect(fluid <= 0.4 * white, "\(profile) \(site.name): \(fluid / white)")
      }
    }
  }

  @Test func gadoliniumBrightensTheRimInT1ceOnly() {
    let protocols = Protocols()
    let rim = protocols.signals(.rim, relaxation: Tissue.rim.at15Tesla)
    let white = protocols.signals(.white, relaxation: Tissue.white.at15Tesla)
    #expect(rim[Contrast.t1ce.rawValue] > 1.3 * white[Contrast.t1ce.rawValue])
    #expect(rim[Contrast.t1.rawValue] < white[Contrast.t1.rawValue])
  }

  @Test func fieldStrengthLengthensT1AndShortensT2OfTissueOnly() {
    for tissue in Tissue.allCases where tissue != .fluid {
      let low = tissue.relaxation(tesla: 1.5)
      let high = tissue.relaxation(tesla: 3)
      #expect((1.2...1.4).contains(high.t1 / low.t1))
      #expect((0.9...0.95).contains(high.t2 / low.t2))
    }
    #expect(Tissue.fluid.relaxation(tesla: 3) == Tissue.fluid.relaxation(tesla: 1.5))
  }
}
