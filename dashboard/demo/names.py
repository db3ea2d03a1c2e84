"""Names of people and places, as they are common in Île-de-France."""


def _listed(names: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in names.split(","))


FAMILY_NAMES = _listed(
    """
    Martin, Bernard, Thomas, Petit, Robert, Richard, Durand, Dubois, Moreau, Laurent, Simon,
    Michel, Lefèvre, Lefebvre, Leroy, Roux, David, Bertrand, Morel, Fournier, Girard, Bonnet,
    Dupont, Lambert, Fontaine, Rousseau, Vincent, Müller, Faure, André, Mercier, Blanc, Guérin,
    Boyer, Garnier, Chevalier, François, Legrand, Gauthier, Perrin, Robin, Clément, Morin,
    Nicolas, Henry, Roussel, Mathieu, Gautier, Masson, Marchand, Duval, Denis, Dumont, Marie,
    Lemaire, Noël, Meyer, Dufour, Meunier, Brun, Blanchard, Giraud, Joly, Rivière, Lucas, Brunet,
    Gaillard, Barbier, Arnaud, Martinez, Gérard, Roche, Renard, Schmitt, Roy, Leroux, Colin,
    Vidal, Caron, Picard, Fabre, Aubert, Lemoine, Renaud, Dumas, Lacroix, Olivier, Philippe,
    Bourgeois, Benoît, Rey, Leclerc, Payet, Rolland, Leclercq, Guillaume, Lecomte, Jean, Dupuy,
    Guillot, Hubert, Berger, Carpentier, Moulin, Louis, Deschamps, Huet, Vasseur, Boucher,
    Fleury, Royer, Klein, Jacquet, Adam, Paris, Poirier, Marty, Aubry, Guyot, Carré, Charles,
    Renault, Charpentier, Ménard, Maillard, Baron, Bertin, Bailly, Hervé, Schneider, Le Gall,
    Le Goff, Le Roux, Le Guen, Kervella, Quéméner, Cariou, L'Hostis, L'Helgouac'h, Prigent,
    Etcheverry, Ibarra, Santoni, Casanova, d'Almeida, d'Hervé, de Oliveira, de Sousa, du Bellay,
    de La Tour, Saint-Martin, Beaumont-Ridel, Petit-Jean, Costa-Lopes, Martin-Dupré,
    Da Silva, Dos Santos, Ferreira, Pereira, Rodrigues, Gonçalves, Fernandes, Teixeira, Marques,
    Garcia, Lopez, Sánchez, Ruiz, Muñoz, Rossi, Ferrari, Bianchi, Esposito, Romano,
    Benali, Bensaïd, Ben Salah, Ben Youssef, El Amrani, El Idrissi, El Haddad, Bouzid, Bouazza,
    Belkacem, Benmoussa, Chaouche, Cherif, Hamidi, Haddad, Kaci, Aït Ahmed, Aït Ouali, Mansouri,
    Meziane, Ouali, Saïdi, Slimani, Toumi, Trabelsi, Zerrouki, Zidane, Yahiaoui, Boukhari, Rahmani,
    Diallo, Diop, Traoré, Coulibaly, Keïta, Konaté, Camara, Cissé, Sow, N'Diaye, N'Guessan, Koné,
    Touré, Fofana, Sissoko, Dembélé, Bamba, Kouassi, Mbaye, Fall, Gueye, Sarr, Tchamba, Mbemba,
    M'Bala, Ilunga, Kabongo, Makosso, Okafor, Adjovi, Rakoto, Randriamanana, Andriantsoa,
    Nguyễn, Trần, Phạm, Lê Van, Huỳnh, Chen, Wang, Zhang, Lin, Liu, Sok, Keo, Chea, Souvannavong,
    Singh, Kumar, Sivakumar, Thevarajah, Patel, Rahman, Hossain, Perera, Fernando,
    Yılmaz, Demir, Öztürk, Kaya, Şahin, Arslan, Karapetyan, Sarkissian, Boghossian,
    Kowalski, Nowak, Wiśniewski, Ionescu, Popescu, Dumitru, Petrović, Jovanović, Marković,
    Ivanova, Kovalenko, Shevchenko, Horvat, Papadopoulos, O'Brien, Cohen, Lévy, Benhamou, Attal,
    Zenou, Azoulay, Jean-Baptiste, Jean-Louis, Saint-Prix, Céleste, Rosette, Gélabale, Hoarau,
    Grondin, Dijoux, Bellance, Marie-Sainte, Louison
    """
)

OLDER_WOMEN = _listed(
    """Marie, Monique, Françoise, Catherine, Nathalie, Isabelle, Jacqueline, Anne, Sylvie,
    Martine, Nicole, Christine, Hélène, Brigitte, Chantal, Christiane, Geneviève, Michèle,
    Annie, Véronique, Dominique, Patricia, Corinne, Joëlle, Marie-Claude, Marie-Thérèse,
    Marie-Hélène, Anne-Marie, Maryvonne, Danièle, Évelyne, Josiane, Béatrice, Élisabeth,
    Fatima, Malika, Khadija, Zohra, Yamina, Maria, Rosa, Conceição, Teresa, Aïssata, Mariama,
    Thérèse, Rose-Marie, Lucienne, Mai, Lan, Kamala, Ayşe, Danuta, Elena, Rachel, Simone"""
)

YOUNGER_WOMEN = _listed(
    """Camille, Julie, Sarah, Léa, Manon, Chloé, Laura, Émilie, Aurélie, Céline, Élodie, Marion,
    Pauline, Mathilde, Anaïs, Charlotte, Lucie, Clémence, Justine, Noémie, Océane, Inès, Jade,
    Anne-Sophie, Anne-Laure, Marie-Lou, Maëlys, Gwenaëlle, Solène, Agathe, Éloïse, Zoé, Alix,
    Yasmine, Nadia, Samira, Leïla, Imane, Sofia, Nour, Assia, Fatoumata, Aminata, Awa, Mariam,
    Grâce, Naomi, Divya, Priya, Linh, Thi-Mai, Mei, Elif, Ana, Inês, Beatriz, Magdalena, Irina,
    Rebecca, Esther, Marie-Ange"""
)

OLDER_MEN = _listed(
    """Jean, Pierre, Michel, André, Philippe, Alain, Bernard, Jacques, Daniel, Gérard, Christian,
    Patrick, Claude, René, Jean-Pierre, Jean-Claude, Jean-Luc, Jean-Marc, Jean-François, Serge,
    Thierry, Pascal, Didier, Bruno, Gilles, Éric, François, Hervé, Yves, Joël, Denis, Rémi,
    Étienne, Loïc, Marcel, Roger, Mohamed, Ahmed, Ali, Rachid, Mustapha, Abdelkader, José,
    Manuel, Antonio, Mamadou, Ousmane, Boubacar, Van Minh, Ravi, Mehmet, Stanisław, Ion, Simon,
    Georges, Guy"""
)

YOUNGER_MEN = _listed(
    """Nicolas, Julien, Thomas, Alexandre, Maxime, Antoine, Kevin, Romain, Clément, Florian,
    Benjamin, Hugo, Lucas, Théo, Quentin, Guillaume, Sébastien, Jérémy, Mathieu, Adrien, Valentin,
    Raphaël, Gaël, Maël, Loïc, Timothée, Côme, Jean-Baptiste, Pierre-Yves, Paul-Antoine, Rémy,
    Cédric, Aurélien, Jérôme, Mehdi, Karim, Yanis, Bilal, Sofiane, Nassim, Amine, Ibrahim, Moussa,
    Cheikh, Idrissa, Exaucé, Kévin, Arnaud, Duc, Wei, Arjun, Emre, Tiago, João, Diogo, Mateusz,
    Andrei, David, Samuel, Nathan, Elie"""
)

DEPARTMENTS: dict[str, tuple[str, ...]] = {
    "78": (
        "Versailles", "Sartrouville", "Mantes-la-Jolie", "Poissy", "Trappes", "Houilles",
        "Saint-Germain-en-Laye", "Les Mureaux", "Le Chesnay", "Élancourt", "Rambouillet",
    ),
    "92": (
        "Nanterre", "Colombes", "Asnières", "Gennevilliers", "Clichy", "Antony", "Châtillon",
        "Bagneux", "Malakoff", "Suresnes", "Montrouge",
    ),
    "75": (
        "Belleville", "Charonne", "La Chapelle", "Les Batignolles", "Bercy", "Ménilmontant",
        "Vaugirard", "Montparnasse", "Les Gobelins", "La Villette", "Grenelle",
    ),
    "93": (
        "Saint-Denis", "Montreuil", "Aubervilliers", "Bobigny", "Pantin", "Drancy", "Épinay",
        "Le Blanc-Mesnil", "Noisy-le-Sec", "Stains", "L'Île-Saint-Denis",
    ),
    "95": (
        "Argenteuil", "Cergy", "Sarcelles", "Garges", "Franconville", "Goussainville", "Ermont",
        "Bezons", "Pontoise", "Taverny", "L’Isle-Adam",
    ),
}  # fmt: skip
"""The five départements of the experiment by number, with some towns or quarters of each."""

PLACE_NAMES = _listed(
    """du Parc, des Tilleuls, du Vieux Lavoir, de la Gare, des Acacias, du Moulin, de la Fontaine,
    des Coquelicots, du Canal, de l’Horloge, des Lilas, du Pont-Neuf, de la Mairie, des Écoles,
    du Marché, de la République, des Peupliers, du Château, de l'Étang, des Vignes, du Verger,
    Simone-Veil, Marie-Curie, Louis-Pasteur, Joséphine-Baker, Jean-Jaurès"""
)
