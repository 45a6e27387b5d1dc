//! Numbers for those who wait, for a pick among them at random.

/// Marks that there is nobody.
pub(super) const NONE: u32 = u32::MAX;

/// Numbers those who wait from 0 on, without gaps: who leaves gives the number to the last one.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    /// The place with each number.
    places: Vec<u32>,
    /// The number of each taken place.
    numbers: Vec<u32>,
}

impl Numbers {
    pub(super) fn len(&self) -> u32 {
        self.places.len() as u32
    }

    pub(super) fn place(&self, number: u64) -> u32 {
        self.places[number as usize]
    }

    pub(super) fn add(&mut self, place: u32) {
        let at = place as usize;
        if at >= self.numbers.len() {
            self.numbers.resize(at + 1, NONE);
        }
        self.numbers[at] = self.places.len() as u32;
        self.places.push(place);
    }

    pub(super) fn remove(&mut self, place: u32) {
        let number = self.numbers[place as usize];
        self.places.swap_remove(number as usize);
        if let Some(&moved) = self.places.get(number as usize) {
            self.numbers[moved as usize] = number;
        }
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
    }
}
