import Coordinator
import Foundation
import Testing

struct StrategyChoiceTests {
  @Test func everyNameIsThere() throws {
    let names = StrategyChoice.descriptors.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(
      names == [
        "fedavg", "fedprox", "fedavgm", "fedadam", "fedyogi", "fedadagrad", "scaffold", "fednova", "feddyn",
        "qfedavg", "fedbn", "fadl", "ditto", "cyclic", "median", "trimmedmean", "krum", "multikrum", "rfa",
        "normclip", "fltrust",
      ])
    for descriptor in StrategyChoice.descriptors {
      let choice = try StrategyChoice(descriptor.name)
      #expect(choice.descriptor == descriptor)
      #expect(choice.make().name == descriptor.name)
      #expect(choice.make().minimumSites == descriptor.minimumSites)
      #expect(Set(descriptor.parameters.map(\.name)).count == descriptor.parameters.count)
    }
  }

  @Test func defaultsAreFilledIn() throws {
    #expect(try StrategyChoice("fedavg").description == "fedavg")
    #expect(
      try StrategyChoice("fedadam:tau=0.01").description
        == "fedadam:eta=0.03,beta1=0.9,tau=0.01,beta2=0.99")
    #expect(try StrategyChoice("fedavg") == .fedAvg)
  }

  @Test(arguments: ["fedavg", "fedyogi:eta=0.3", "fedavgm:beta=0.123456789"])
  func aWrittenChoiceReadsBackTheSame(text: String) throws {
    let choice = try StrategyChoice(text)
    let again = try JSONDecoder().decode(StrategyChoice.self, from: JSONEncoder().encode(choice))
    #expect(again == choice)
  }

  @Test(arguments: [
    ("fedavgn", "fedavgn is not known, expected one of fedavg, fedprox, fedavgm,", "Did you mean fedavg?"),
    ("median of means", "median of means is not known", "segfed strategies tells"),
    ("fedavg:eta=1", "fedavg has no parameters, found eta", "Leave it out"),
    ("fedadam:beta3=1", "no parameter beta3, expected one of eta, beta1, tau, beta2", "Did you mean beta1?"),
    ("fedadam:eta=fast", "eta is fast, expected a number from 1e-06 to 10.0", "such as"),
    ("fedadam:eta", "eta is nothing, expected a number", "such as"),
    ("fedadam:eta=nan", "eta is nan, expected a number", "such as"),
    ("fedavgm:beta=1", "beta is 1, expected a number from 0.0 to 0.999", "such as"),
    ("krum:hostile=1.5", "hostile is 1.5, expected a whole number", "such as krum:hostile=1"),
    ("fedavgm:beta=0.1,beta=0.2", "beta is given twice", "Leave one out"),
  ])
  func whatIsWrongIsSaid(text: String, problem: String, advice: String) {
    let error = #expect(throws: StrategyError.self) { try StrategyChoice(text) }
    let message = error?.description ?? ""
    #expect(message.contains(problem), "\(message)")
    #expect(message.contains(advice), "\(message)")
  }
}
