#include <iostream>
#include <map>
#include <string>

int main() {
    std::map<std::string, int> words;
    for (std::string word; std::cin >> word;) ++words[word];
    for (const auto &[word, times] : words) std::cout << times << ' ' << word << '\n';
}
