import Foundation
import Study
import Testing

/// Definitions that differ at one site, each planted in a copy of SampleData: `segfed study check` has to find it there and nowhere
/// else.
@Suite struct PlantedDefinitionsTests {
  struct Planted: Sendable, CustomTestStringConvertible {
    let name: String
    /// Where the study defines it, and words of what is found.
    let definition: String
    let says: String
    let plant: @Sendable (StudyFolder, String) throws -> Void
    var testDescription: String { name }
  }

  static let all: [Planted] = [
    Planted(name: "labels 1/2/3 against 1/2/4", definition: "labels", says: "the values 3 in ") {
      folder, site in
      try folder.relabel(site) { $0 == 4 ? 3 : $0 }
    },
    Planted(
      name: "core and edema exchanged", definition: "labels",
      says: "1 necrotic core looks like the others' 2 edema"
    ) {
      folder, site in try folder.relabel(site) { $0 == 1 ? 2 : $0 == 2 ? 1 : $0 }
    },
    Planted(
      name: "edema and enhancement exchanged", definition: "labels",
      says: "2 edema looks like the others' 4 enhancing tumour"
    ) {
      folder, site in try folder.relabel(site) { $0 == 4 ? 2 : $0 == 2 ? 4 : $0 }
    },
    Planted(name: "one label for the whole tumour", definition: "labels, 2", says: "edema in none of 7 cases")
    {
      folder, site in
      try folder.relabel(site) { $0 == 0 ? 0 : 1 }
    },
    Planted(
      name: "T1 and T2 exchanged", definition: "features.contrasts", says: "t1 looks like the others' t2"
    ) {
      folder, site in try folder.swap(site, "t1", "t2")
    },
    Planted(
      name: "T2 and FLAIR exchanged", definition: "features.contrasts",
      says: "t2 looks like the others' flair"
    ) {
      folder, site in try folder.swap(site, "t2", "flair")
    },
    Planted(name: "no T1 with contrast agent", definition: "features.contrasts", says: "no t1ce in all cases")
    {
      folder, site in
      for (name, path) in try folder.cases(site) {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)_t1ce.nii.gz")
      }
    },
    Planted(
      name: "metres, not told", definition: "features.voxel_mm",
      says: "0.0024 to 0.005 mm, outside in all cases"
    ) {
      folder, site in try folder.rescale(site, by: 1e-3, unit: 2)
    },
    Planted(
      name: "metres, told in the header", definition: "features, units", says: "voxel sizes in m in all cases"
    ) {
      folder, site in try folder.rescale(site, by: 1, unit: 1)
    },
    Planted(
      name: "age in months", definition: "cohort, column age",
      says: "other values, expected 18.0 to 120.0 years"
    ) {
      folder, site in
      try folder.participants(site) { text in
        text.replacing(try! Regex("\t([0-9]+)\t"), with: { "\t\((Int($0[1].substring ?? "") ?? 0) * 12)\t" })
      }
    },
    Planted(
      name: "other units in participants.json", definition: "cohort, column age", says: "the units months"
    ) {
      folder, site in
      try Data(#"{"age": {"Units": "months"}}"#.utf8).write(
        to: URL(fileURLWithPath: "\(folder.data)/\(site)/participants.json"))
    },
    Planted(name: "sex in numbers", definition: "cohort, column sex", says: "other values, expected F or M") {
      folder, site in
      try folder.participants(site) { $0.replacing("\tF\n", with: "\t1\n").replacing("\tM\n", with: "\t2\n") }
    },
    Planted(name: "no column age", definition: "cohort, adult", says: "no column age") { folder, site in
      try folder.participants(site) { $0.replacing("age", with: "years") }
    },
    Planted(name: "age in words", definition: "cohort, adult", says: "text in age, expected numbers") {
      folder, site in
      try folder.participants(site) { $0.replacing("\t45\t", with: "\tforty-five\t") }
    },
    Planted(name: "a site without label maps", definition: "cohort", says: "no case that meets every rule") {
      folder, site in
      for (name, path) in try folder.cases(site) {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)_seg.nii.gz")
      }
    },
  ]

  @Test(arguments: all) func isFound(planted: Planted) throws {
    let folder = try StudyFolder()
    #expect(try folder.check().study.problems.isEmpty)
    try planted.plant(folder, "birch")
    let problems = try folder.check().study.problems
    #expect(problems.allSatisfy { $0.hasPrefix("birch: ") }, "\(problems)")
    #expect(
      problems.contains { $0.hasPrefix("birch: \(planted.definition): ") && $0.contains(planted.says) },
      "\(problems)")
  }
}
