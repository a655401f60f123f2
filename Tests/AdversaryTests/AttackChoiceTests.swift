import Adversary
import Foundation
import Testing

struct AttackChoiceTests {
  private let names = ["aspen", "birch", "cedar", "hazel", "linden", "rowan"]

  @Test func defaultsAreFilledIn() throws {
    #expect(try AttackChoice("signflip").description == "signflip:sites=1,scale=1.0")
    #expect(
      try AttackChoice("backdoor:share=0.25,sites=2").description
        == "backdoor:sites=2,spacing=2,share=0.25,boost=1.0")
    for kind in AttackKind.allCases { #expect(try AttackChoice(kind.rawValue).kind == kind) }
  }

  @Test(arguments: ["labelflip:sites=3", "gaussian:sigma=0.123456789", "alie:sites=2,z=1.5"])
  func aWrittenChoiceReadsBackTheSame(text: String) throws {
    let choice = try AttackChoice(text)
    #expect(try JSONDecoder().decode(AttackChoice.self, from: JSONEncoder().encode(choice)) == choice)
  }

  @Test(arguments: [
    (
      "signflop", "Attack signflop is not known, expected one of signflip, scaling,", "Did you mean signflip?"
    ),
    ("labelflip:scale=2", "Attack labelflip has no parameter scale, expected one of sites", "sites"),
    ("ipm:epsilom=2", "no parameter epsilom, expected one of sites, epsilon", "Did you mean epsilon?"),
    ("scaling:sites=1.5", "sites is 1.5, expected a whole number from 1 to 10000", "such as scaling:sites=1"),
    ("scaling:sites=0", "sites is 0, expected a whole number from 1", "such as scaling:sites=1"),
    ("gaussian:sigma=nan", "sigma is nan, expected a number from", "such as"),
    ("gaussian:sigma", "sigma is nothing, expected a number from", "such as"),
    ("gaussian:sigma=1,sigma=2", "sigma is given twice", "Leave one out"),
  ])
  func whatIsWrongIsSaid(text: String, problem: String, advice: String) {
    let message = #expect(throws: AttackError.self) { try AttackChoice(text) }?.description ?? ""
    #expect(message.contains(problem), "\(message)")
    #expect(message.contains(advice), "\(message)")
    #expect(!message.contains("\n"))
  }

  @Test func theSeedAloneSaysWhoIsHostile() throws {
    let drawn = try Attack(AttackChoice("signflip:sites=2"), trainers: names, seed: 5).hostile
    #expect(drawn.count == 2 && drawn == drawn.sorted())
    for text in ["labelflip:sites=2", "alie:sites=2,z=1", "freerider:sites=2"] {
      #expect(try Attack(AttackChoice(text), trainers: names.reversed(), seed: 5).hostile == drawn)
    }
    let three = try Attack(AttackChoice("ipm:sites=3"), trainers: names, seed: 5).hostile
    #expect(Set(three).isSuperset(of: drawn))
    // Leaving an honest site out changes nothing between the others.
    let honest = try #require(names.first { !three.contains($0) })
    let fold = names.filter { $0 != honest }
    #expect(try Attack(AttackChoice("signflip:sites=2"), trainers: fold, seed: 5).hostile == drawn)
    let seeds = try (1...30).map { try Attack(AttackChoice("signflip"), trainers: names, seed: $0).hostile }
    #expect(Set(seeds.flatMap { $0 }) == Set(names))
  }

  @Test func theSummaryNamesThem() throws {
    let attack = try Attack(AttackChoice("signflip:sites=2"), trainers: names, seed: 5)
    #expect(attack.summary == "attack: signflip at \(attack.hostile[0]), \(attack.hostile[1])")
  }

  @Test(arguments: [
    ("signflip:sites=6", "sites is 6, expected fewer than the 6 that train"),
    ("alie", "sites is 1, expected 2 or more"),
    // s = 4 - 2 = 2, and the quantile at (6 - 2 - 2) / 4 is 0.
    ("alie:sites=2", "with 2 hostile of 6 sites its formula gives no z above 0"),
    ("alie:sites=4", "with 4 hostile of 6 sites its formula gives no z above 0"),
  ])
  func impossibleAttacksAreRefused(text: String, problem: String) {
    let error = #expect(throws: AttackError.self) {
      try Attack(AttackChoice(text), trainers: names, seed: 1)
    }
    #expect(error?.description.contains(problem) ?? false, "\(error?.description ?? "")")
  }

  @Test func collusionNeedsAllToTrain() throws {
    let error = #expect(throws: AttackError.self) {
      try Attack(AttackChoice("ipm"), trainers: names, participation: "fraction:0.5", seed: 1)
    }
    #expect(error?.description.contains("--participation is fraction:0.5, expected all") ?? false)
    _ = try Attack(AttackChoice("signflip"), trainers: names, participation: "fraction:0.5", seed: 1)
  }
}
