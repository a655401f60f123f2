import Reporting

let sampleScores = ScoreReport(
  regions: ["WT", "TC"],
  sites: [
    SiteRow(site: "Alpha", cases: 3, steps: 120, dice: [0.91, 0.8]),
    SiteRow(site: "Bravo", cases: 1, steps: 120, dice: [0.7, nil]),
    SiteRow(site: "Charlie", cases: 4, steps: nil, dice: [0.85, 0.62]),
  ],
  meanOverCases: [0.85375, 0.69714], meanOverSites: [0.82, 0.71], worstSite: "Bravo",
  model: "last model (round 12)", diceConvention: "cases without the region are left out")

let sampleBandwidth = BandwidthReport(sites: [
  BandwidthRow(
    site: "Alpha", down: 4_000_000, up: 2_000_000, scansCompressed: 2_000_000, scansUncompressed: 12_000_000),
  BandwidthRow(
    site: "Bravo", down: 4_000_000, up: 2_400_000, scansCompressed: 2_000_000, scansUncompressed: 8_000_000),
])
