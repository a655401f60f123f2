import Foundations
import Glibc
import NeuralNetwork

func now() -> Double {
  var t = timespec()
  clock_gettime(CLOCK_MONOTONIC, &t)
  return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
}
package func engineBench(_ names: [String], threads: Int, reps: Int, layers: Bool) throws {
  for item in BenchmarkNetwork.all where names.contains(item.name) {
    let b = try StepBenchmark(item, isTraining: true, loop: ParallelLoop(threads: threads))
    print(item.summary, b.network.parameters.count, "arena MB", b.network.arenaBytes >> 20)
    print(b.step(), b.step())
    var times: [Double] = []
    var inf: [Double] = []
    for _ in 0..<reps {
      let s = now()
      b.step()
      times.append(now() - s)
    }
    for _ in 0..<reps {
      let s = now()
      b.infer()
      inf.append(now() - s)
    }
    times.sort()
    inf.sort()
    print(item.name, "step", times[reps / 2], times[0], "infer", inf[reps / 2], inf[0])
    if layers {
      var sums: [String: Double] = [:]
      var order: [String] = []
      for _ in 0..<3 {
        var last = now()
        b.step { l, p in
          let t = now()
          let k = l + " " + p.rawValue
          if sums[k] == nil { order.append(k) }
          sums[k, default: 0] += t - last
          last = now()
        }
      }
      for k in order { print(String(Int(sums[k]! / 3 * 1e5)), "e-5 s", k) }
    }
  }
}
package func tune(_ names: [String], threads: Int, reps: Int) throws {
  let timing = StrategyTiming(loop: ParallelLoop(threads: threads), repetitions: reps)
  for item in BenchmarkNetwork.all where names.contains(item.name) {
    let b = try UNet(item.architecture, batch: item.batch, patch: item.patch, isTraining: true, loop: .serial)
    var lost = 0.0
    var total = 0.0
    for (layer, c) in b.convolutions {
      for pass in ConvolutionPass.allCases {
        if layer == "encoder.0.0" && pass == .inputGradient { continue }
        let choice = ConvolutionChoice()
        let chosen = choice.strategy(c.shape, pass)
        let cands = choice.candidates(c.shape, pass).filter { $0.strategy != .reference }
        let best0 = cands.map(\.cycles).min()!
        var line: [(Double, String)] = []
        var mine = 0.0
        for k in cands where k.cycles < 4 * best0 {
          let s = timing.seconds(c.shape, pass, k.strategy)
          if k.strategy == chosen { mine = s }
          line.append(
            (
              s,
              "\(k.strategy)=\(Int(s*1e5))/\(Int(k.cycles/threads.d/3e9*1e5))\(k.strategy == chosen ? "*" : "")"
            ))
        }
        line.sort { $0.0 < $1.0 }
        lost += mine - line[0].0
        total += mine
        let gf = Double(c.shape.output.rows * c.shape.weightCount) * 2e-9
        print(
          layer, pass.rawValue, c.shape.input, c.shape.outputChannels, "eff", Int(gf / mine),
          line.prefix(5).map(\.1).joined(separator: " "))
      }
    }
    print(item.name, "total", total, "lost", lost)
  }
}
extension Int { fileprivate var d: Double { Double(self) } }
