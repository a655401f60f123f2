import CAllocationWatch
import Foundation

/// fuzz-imaging [--cases N] [--seed S] [--first N] [--folder F] [--seconds S] [--plant FAULT]
///
/// Case N of seed S is the same on every machine: `--first N --cases 1` repeats it, and leaves its files in FOLDER
/// when it fails. The folder is removed when all is well.

/// The value behind `--name`, or `fallback`.
func option(_ name: String, _ fallback: String) -> String {
  let words = CommandLine.arguments
  guard let index = words.firstIndex(of: "--" + name), index + 1 < words.count else { return fallback }
  return words[index + 1]
}

func number(_ name: String, _ fallback: Int) -> Int {
  guard let value = Int(option(name, "\(fallback)")), value >= 0 else {
    print("--\(name) wants a whole number, 0 or more")
    exit(2)
  }
  return value
}

let (first, cases, seed) = (number("first", 0), number("cases", 2000), UInt64(number("seed", 1)))
let folder = option("folder", NSTemporaryDirectory() + "/segfed-fuzz-\(getpid())")
let planted = PlantedFault(rawValue: option("plant", ""))
if planted == nil && CommandLine.arguments.contains("--plant") {
  print("--plant wants one of \(PlantedFault.allCases.map(\.rawValue).joined(separator: ", "))")
  exit(2)
}
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
let run = try FuzzRun(folder: folder, timeLimit: UInt32(number("seconds", 10)))
var (read, refused, faults) = (0, 0, 0)
for index in first..<(first + cases) where faults < 10 {
  // What a crash leaves behind: which case it was, and its files.
  try Data("\(index)\n".utf8).write(to: URL(fileURLWithPath: folder + "/case"))
  switch try run.verdict(on: FuzzCase(number: index, seed: seed, seeds: run.seeds), planted: planted) {
  case .read: read += 1
  case .refused: refused += 1
  case .fault(let fault):
    print("case \(index) of seed \(seed): \(fault)")
    faults += 1
  }
}
let watched = segfed_watches_heap() != 0 ? "the heap and mmap" : "mmap alone"
print(
  "Seed \(seed) from case \(first): \(read) read, \(refused) refused, \(faults) faults (\(watched) watched)")
if faults > 0 { exit(1) }
try FileManager.default.removeItem(atPath: folder)
