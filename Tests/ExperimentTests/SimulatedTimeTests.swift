import Experiment
import Testing

@Suite struct SimulatedTimeTests {
  private func convergence(_ rounds: [(seconds: Double, dice: Double?)]) -> Double? {
    SimulatedTime(
      path: "", strategy: "", codecs: "",
      rounds: rounds.map {
        SimulatedTime.Round(seconds: $0.seconds, slowest: "", wireSeconds: 0, dice: $0.dice)
      }
    ).convergence
  }

  @Test func theScoreIsTheAreaUnderTheBestDiceOverAWeek() throws {
    let day = SimulatedTime.week / 7
    // Nothing for a day, .5 for two, .4 does not count, .8 from the sixth day on.
    let score = try #require(convergence([(day, 0.5), (2 * day, 0.4), (3 * day, 0.8)]))
    #expect(abs(score - (0.5 * 5 + 0.8 * 1) / 7) < 1e-12)
    // What comes after the week does not count.
    let late = try #require(convergence([(6 * day, 0.5), (2 * day, 1)]))
    #expect(abs(late - 0.5 / 7) < 1e-12)
    #expect(convergence([(day, nil)]) == nil)
  }

  @Test func speedsAreThoseOfFeTS() {
    let sites = (0..<4000).map { HospitalClock(seed: 7).site("site-\($0)") }
    for (range, values) in [
      (HospitalClock.training, sites.map(\.trainingSeconds)),
      (HospitalClock.validation, sites.map(\.validationSeconds)),
      (HospitalClock.download, sites.map(\.downloadSeconds)),
      (HospitalClock.upload, sites.map(\.uploadSeconds)),
    ] {
      let sorted = values.sorted()
      #expect(sorted[0] >= range(0) && sorted[0] < range(0.01))
      #expect(sorted[3999] <= range(1) && sorted[3999] > range(0.99))
      #expect(sorted[2000] > range(0.47) && sorted[2000] < range(0.53))
    }
    #expect(HospitalClock(seed: 7).site("a") == HospitalClock(seed: 7).site("a"))
    #expect(HospitalClock(seed: 7).site("a") != HospitalClock(seed: 8).site("a"))
  }
}
