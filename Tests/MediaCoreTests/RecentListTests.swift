import Testing

@testable import MediaCore

@Suite struct RecentListTests {
  @Test func `the list knows what was used last`() {
    var list = RecentList<Int, String>()
    for number in 0..<4 { list.insert("\(number)", for: number, cost: 10) }
    #expect(list.use(0) == "0")
    list.insert("new", for: 1, cost: 5)
    list.remove(3)
    #expect(list.cost == 25)
    #expect(list.removeOldest()?.key == 2)
    #expect(list.removeOldest()?.key == 0)
    #expect(list.removeOldest()?.value == "new")
    #expect(list.removeOldest() == nil)
    #expect(list.cost == 0)
  }
}
