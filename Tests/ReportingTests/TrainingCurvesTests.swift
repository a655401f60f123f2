import Foundation
import Reporting
import Testing

struct TrainingCurvesTests {
  private let curves = TrainingCurves(
    regions: ["WT", "ET"],
    rounds: [
      .init(
        round: 1,
        points: [
          .init(
            round: 1, site: "birch", steps: 3, loss: 1.5, learningRate: 0.01, validationDice: [0.5, nil]),
          .init(
            round: 1, site: "ash, old", steps: 4, loss: 0.25, learningRate: 0.02, validationDice: [nil, 1]),
        ], validationMean: 0.75),
      .init(round: 2, points: [], validationMean: nil),
    ])

  @Test func csvHasALineForEachSiteAndRound() {
    #expect(
      curves.csv() == "round,site,steps,loss,learning_rate,validation_dice_WT,validation_dice_ET\r\n"
        + "1,birch,3,1.5,0.01,0.5,\r\n1,\"ash, old\",4,0.25,0.02,,1.0\r\n")
  }

  @Test func jsonHoldsTheSame() throws {
    let text = Data(curves.json().rendered().utf8)
    let json = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    let rounds = try #require(json["rounds"] as? [[String: Any]])
    #expect(rounds.count == 2)
    #expect(rounds[0]["validation_mean"] as? Double == 0.75)
    #expect(rounds[1]["validation_mean"] is NSNull)
    let sites = try #require(rounds[0]["sites"] as? [String: [String: Any]])
    #expect(sites["birch"]?["loss"] as? Double == 1.5)
    let dice = try #require(sites["birch"]?["validation_dice"] as? [String: Any])
    #expect(dice["WT"] as? Double == 0.5 && dice["ET"] is NSNull)
  }

  @Test func scalarsLeaveOutWhatIsMissing() {
    let found = curves.scalars.map { "\($0.name) \($0.round) \($0.value)" }
    #expect(
      found == [
        "loss/birch 1 1.5", "learning_rate/birch 1 0.01", "validation_dice/WT/birch 1 0.5",
        "loss/ash, old 1 0.25", "learning_rate/ash, old 1 0.02", "validation_dice/ET/ash, old 1 1.0",
        "validation_dice/mean 1 0.75",
      ])
  }
}
